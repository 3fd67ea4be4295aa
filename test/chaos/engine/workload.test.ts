import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FleetClient } from '../../../src/chaos/engine/fleet-client.ts';
import { Workload, type JobSpec, type WorkloadOptions } from '../../../src/chaos/engine/workload.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { JournalEvent } from '../../../src/journal/events.ts';
import type { FleetEvent } from '../../../src/journal/fleet-events.ts';
import { JournalWriter } from '../../../src/journal/writer.ts';
import { temporaryFolder } from '../../helpers/cli.ts';
import { until } from '../../helpers/until.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** As much of the fleet protocol as a client meets. */
class SmallFleet {
  readonly posted: string[] = [];
  readonly asked: string[] = [];
  onPost: (runId: string) => Answer | undefined = (runId) => ({ status: 202, body: { run_id: runId, correlation_id: `c-${runId}` } });
  onGet: (runId: string) => Answer = (runId) => ({ status: 200, body: { run_id: runId, status: 'completed', result: { success: true, level: 'FULL', report: { title: 'x' } } } });
  authorized = true;
  readonly #server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
    request.on('end', () => {
      this.authorized &&= request.headers.authorization === 'Bearer t';
      const runId = request.method === 'POST' ? (JSON.parse(text) as { run_id: string }).run_id : decodeURIComponent((request.url ?? '').split('/').at(-1) ?? '');
      (request.method === 'POST' ? this.posted : this.asked).push(runId);
      const answer = request.method === 'POST' ? this.onPost(runId) : this.onGet(runId);
      if (answer === undefined) request.socket.destroy();
      else response.writeHead(answer.status).end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const job = (name: string): JobSpec => ({ name, userId: 'u', question: 'How?', period: { from: '2025-01-01', to: '2025-12-31' } });

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let fleet: SmallFleet;
let url: string;
let journal: JournalWriter;
let events: JournalEvent[];
beforeEach(async () => {
  folder = await temporaryFolder();
  fleet = new SmallFleet();
  url = await fleet.listen();
  events = [];
  journal = new JournalWriter(join(folder.path, 'j.ndjson'), 'r', systemClock);
  journal.onEvent((event) => events.push(event));
});
afterEach(async () => {
  await fleet.close();
  journal.close();
  await folder[Symbol.asyncDispose]();
});

function workload(names: readonly string[], options: Partial<WorkloadOptions> = {}): Workload {
  return new Workload({
    runId: 'r',
    jobs: names.map(job),
    concurrency: 2,
    jobTimeoutMs: 5_000,
    client: new FleetClient(systemClock, 't', 1_000),
    supervisorUrl: () => url,
    journal,
    clock: systemClock,
    onReport: async () => ({ sections: ['summary'], reportPath: 'p' }),
    ...options,
  });
}
const never = new AbortController().signal;
const types = (jobName: string): string[] => events.filter((event) => 'job' in event && event.job === jobName).map((event) => event.type);

describe('the workload', () => {
  it('P01 gives every job to the fleet once and journals what came of it, the report itself left out', async () => {
    await workload(['a', 'b', 'c']).run(never);
    expect(fleet.posted.toSorted()).toEqual(['r-a', 'r-b', 'r-c']);
    expect(fleet.authorized).toBe(true);
    for (const name of ['a', 'b', 'c']) expect(types(name)).toEqual(['job.submitted', 'job.accepted', 'job.reported']);
    expect(events.find((event) => event.type === 'job.reported')).toMatchObject({ result: { success: true, level: 'FULL', report: 'object' }, sections: ['summary'], report_path: 'p' });
  });

  it('P02 jobs that arrive at intervals are submitted no sooner', async () => {
    await workload(['a', 'b', 'c'], { concurrency: 3, everyMs: 120 }).run(never);
    const submitted = events.filter((event) => event.type === 'job.submitted').map((event) => event.mono_ms);
    expect(submitted).toHaveLength(3);
    for (const [index, atMs] of submitted.entries()) expect(atMs - (submitted[0] as number)).toBeGreaterThanOrEqual(index * 120 - 10);
  });

  it('P02 a job that is refused is journaled with the fleet\'s code, and is not asked for', async () => {
    fleet.onPost = () => ({ status: 503, body: { error: { code: 'READ_ONLY', message: 'later' } } });
    await workload(['a']).run(never);
    expect(events.at(-1)).toMatchObject({ type: 'job.refused', code: 'READ_ONLY', message: 'later' });
    expect(fleet.asked).toEqual([]);
    expect(fleet.posted).toEqual(['r-a']);
  });

  it('P03 asked to finish, it gives out no further job, whether one was waited for or about to be taken, and follows those under way to their end', async () => {
    const answers = new Map<string, Answer>();
    fleet.onGet = (runId) => answers.get(runId) ?? { status: 200, body: { run_id: runId, status: 'running' } };
    const jobs = workload(['a', 'b', 'c', 'd'], { everyMs: 50, concurrency: 3 });
    const spaced = workload(['e', 'f'], { everyMs: 3_600_000 });
    const done = Promise.all([jobs.run(never), spaced.run(never)]);
    await until(() => ['r-a', 'r-b', 'r-c', 'r-e'].every((id) => fleet.asked.includes(id)), 'three jobs under way, and one whose next comes in an hour');
    jobs.finish();
    spaced.finish();
    for (const id of ['r-a', 'r-b', 'r-c', 'r-e']) answers.set(id, { status: 200, body: { run_id: id, status: 'completed', result: { success: true, level: 'FULL' } } });
    await done;
    expect(fleet.posted.toSorted()).toEqual(['r-a', 'r-b', 'r-c', 'r-e']);
    expect(events.filter(({ type }) => type === 'job.reported')).toHaveLength(4);
    const late = workload(['g']);
    late.finish();
    await late.run(never);
    expect(types('g')).toEqual([]);
  });

  it('F12 a supervisor that cannot be reached is offered the same run id again until it answers', async () => {
    let attempts = 0;
    fleet.onPost = (runId) => (++attempts < 3 ? undefined : { status: 202, body: { run_id: runId, correlation_id: 'c' } });
    let away = true;
    const running = workload(['a'], { supervisorUrl: () => (away ? undefined : url) }).run(never);
    await until(() => types('a').length > 0, 'the job to be submitted');
    away = false;
    await running;
    expect(new Set(fleet.posted)).toEqual(new Set(['r-a']));
    expect(attempts).toBe(3);
    expect(types('a')).toEqual(['job.submitted', 'job.accepted', 'job.reported']);
  });

  it.each([
    ['no JSON', { status: 202, body: '<html>' }],
    ['another shape', { status: 202, body: { ok: true } }],
    ['an error without its body', { status: 500, body: { oops: true } }],
  ])('N07 an answer of the fleet that is %s is a refusal that says so', async (_name, answer) => {
    fleet.onPost = () => answer;
    await workload(['a']).run(never);
    expect(events.at(-1)).toMatchObject({ type: 'job.refused', code: 'PROTOCOL', message: expect.stringContaining('the fleet answered') });
  });

  it('P02 an accepted job without a report is overdue when its time is over, and holds up no other', async () => {
    fleet.onGet = (runId) => (runId === 'r-slow' ? { status: 200, body: { run_id: runId, status: 'running' } } : { status: 200, body: { run_id: runId, status: 'completed', result: {} } });
    await workload(['slow', 'b', 'c'], { jobTimeoutMs: 300 }).run(never);
    expect(types('slow')).toEqual(['job.submitted', 'job.accepted', 'job.overdue']);
    expect(types('c')).toEqual(['job.submitted', 'job.accepted', 'job.reported']);
  });

  it('P01 an event that a report is done is quicker than asking at intervals', async () => {
    let done = false;
    fleet.onGet = (runId) => ({ status: 200, body: done ? { run_id: runId, status: 'completed', result: {} } : { run_id: runId, status: 'running' } });
    const given = workload(['a']);
    const began = performance.now();
    const running = given.run(never);
    await until(() => fleet.asked.length === 1, 'the first question');
    done = true;
    // The answer to the first question may be on its way yet.
    await until(() => {
      given.onEvent({ type: 'agent_completed', job_id: 'r-a' } as FleetEvent);
      return types('a').includes('job.reported');
    }, 'the report');
    await running;
    expect(performance.now() - began).toBeLessThan(900);
  });

  it('F12 an interruption ends all workers and is the error; so does a report that cannot be kept', async () => {
    fleet.onGet = (runId) => ({ status: 200, body: { run_id: runId, status: 'running' } });
    const stop = new AbortController();
    const running = workload(['a', 'b', 'c']).run(stop.signal);
    await until(() => fleet.asked.length >= 2, 'both workers to be at work');
    stop.abort(new Error('Ctrl-C'));
    await expect(running).rejects.toThrow('Ctrl-C');

    fleet.onGet = (runId) => ({ status: 200, body: runId === 'r-full' ? { run_id: runId, status: 'completed', result: {} } : { run_id: runId, status: 'running' } });
    const began = performance.now();
    await expect(
      workload(['full', 'waits'], {
        onReport: () => Promise.reject(new Error('ENOSPC: the disk is full')),
      }).run(never),
    ).rejects.toThrow('ENOSPC');
    expect(performance.now() - began).toBeLessThan(3_000);
    // A question that was on its way may still arrive; after that nobody asks again, though a second is the interval.
    await systemClock.sleep(200);
    const asked = fleet.asked.length;
    await systemClock.sleep(1_200);
    expect(fleet.asked.length).toBe(asked);
  });
});
