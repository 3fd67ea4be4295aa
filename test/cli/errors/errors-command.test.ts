import { describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/errors/errors-command.ts';
import type { JournalEvent, JournalFact } from '../../../src/journal/events.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { commandInput, problemsOf, testContext } from '../helpers.ts';

const startedAt = Date.parse('2026-11-20T10:45:00.000Z');
const correlation = '1b0d5fd0a259a77eac6463ccc588fef3';
const ids = { job_id: 'r-job-1', correlation_id: correlation };
const host = { host: 'reporting-1', host_at: 0 } as const;

const course: readonly (readonly [number, JournalFact])[] = [
  [0, { type: 'run.started', command: 'chaos', seed: '5', provider: 'embedded', control: false, versions: {}, machine: { platform: 'x', cpus: 2, memory_mb: 1 }, jobs: 2 }],
  [1_000, { type: 'dependency.changed', host: 'business-1', host_at: 0, dependency: 'redis', up: false, detail: 'Redis cannot be reached', correlation_id: 'r' }],
  [2_000, { type: 'job.submitted', job: 'job-1', job_id: 'r-job-1', user_id: 'u', question: 'Why?' }],
  [2_010, { type: 'job.accepted', job: 'job-1', ...ids }],
  [2_020, { type: 'job.submitted', job: 'job-2', job_id: 'r-job-2', user_id: 'u', question: 'How?' }],
  [2_100, { type: 'agent.started', ...host, ...ids, agent: 'reporting', operation: 'report', attempt: 1_001 }],
  [8_000, { type: 'fault.injected', fault: 'down-kafka-1', fault_type: 'down', target: 'kafka', parameters: {}, occurrence: 1 }],
  [8_100, { type: 'retry.scheduled', ...host, correlation_id: correlation, operation: 'kafka.publish', attempt: 2, delay_ms: 11, code: 'KAFKA_UNAVAILABLE' }],
  [8_200, { type: 'retry.scheduled', ...host, correlation_id: correlation, operation: 'kafka.publish', attempt: 3, delay_ms: 25, code: 'KAFKA_UNAVAILABLE' }],
  [8_250, { type: 'agent.started', ...host, job_id: 'r-job-2', agent: 'reporting', operation: 'report', attempt: 1_001 }],
  [9_000, { type: 'fault.healed', fault: 'down-kafka-1', occurrence: 1, affected: 2, unit: 'connections', reason: 'length' }],
  [9_500, { type: 'job.reported', job: 'job-1', job_id: 'r-job-1', user_id: 'u', duration_ms: 7_500, result: { level: 'FULL' }, sections: ['summary'], report_path: 'x' }],
  [9_900, { type: 'llm.called', call_id: 'k', host_at: startedAt + 3_000, host: 'reporting-1', job_id: 'r-job-1', section: 'summary', attempt: 1_001, status: 200, outcome: 'completed', prompt_tokens: 1, completion_tokens: 1, duration_ms: 5, fault: null }],
  [9_950, { type: 'fault.injected', fault: 'late', fault_type: 'down', target: 'llm', parameters: {}, occurrence: 1 }],
  [9_990, { type: 'run.finished', verdict: 'pass', duration_ms: 9_990 }],
];

function lines(facts: readonly (readonly [number, JournalFact])[] = course, change: Record<string, unknown> = {}): string {
  return facts
    .map(([ms, fact], index): JournalEvent => ({ v: 1, seq: index + 1, at: new Date(startedAt + ms).toISOString(), mono_ms: ms, run_id: 'r', ...fact, ...change }))
    .map((event) => `${JSON.stringify(event)}\n`)
    .join('');
}

async function printed(words: readonly string[], options: Record<string, string | true> = {}, content = lines()): Promise<{ out: string; stderr: string }> {
  await using folder = await tempFolder({ 'out/journal.ndjson': content, '.netra/runs/20261120-104500-abcdef/journal.ndjson': content });
  let stderr = '';
  const context = testContext({ cwd: folder.path, columns: 200, stderr: { write: (text) => void (stderr += text) } });
  expect(await run(commandInput(options, words), context)).toBe(0);
  return { out: context.out(), stderr };
}

describe('errors', () => {
  it('N02 says of each cause how often, where, for whom, and what was broken at the time', async () => {
    const { out, stderr } = await printed(['out']);
    expect(stderr).toBe('');
    expect(out.trimEnd().split('\n').map((line) => line.trimEnd())).toEqual([
      'run r  3 errors of 2 causes, 1 not explained by any fault',
      '',
      'fault         what           from    to',
      'down-kafka-1  down on kafka  8.00 s  9.00 s',
      'late          down on llm    9.95 s  the end',
      '',
      'Not explained by any fault',
      '',
      '  1 × dependency.changed  redis, probe',
      '      at 1.00 s  host business-1',
      '      1.00 s business-1: Redis cannot be reached',
      '      correlation r',
      '',
      'While faults were at work',
      '',
      '  2 × KAFKA_UNAVAILABLE  kafka, kafka.publish  high → retry',
      '      all while down on kafka (down-kafka-1) was at work',
      '      8.10 s to 8.20 s  host reporting-1  job job-1',
      '      8.10 s reporting-1 job-1: an attempt failed and is made again (attempt 2 follows after 11 ms)',
      `      correlation ${correlation}`,
      '',
      '`netra-resilience errors out --correlation <id>` follows one through every host; out holds journal and logs, docs/error-codes.md what codes mean.',
    ]);
  });

  it('N02 takes a journal, its folder, a run’s name or the start of it, and latest; one object with --json', async () => {
    const objects = await Promise.all(['out/journal.ndjson', 'out', '20261120-104500-abcdef', '20261120', 'latest'].map(async (wanted) => JSON.parse((await printed([wanted], { json: true })).out) as Record<string, unknown>));
    for (const object of objects) expect({ ...object, run_dir: 'out' }).toEqual(objects[0]);
    expect(objects[4]).toMatchObject({
      v: 1,
      run_id: 'r',
      run_dir: '.netra/runs/20261120-104500-abcdef',
      finished: true,
      errors: 3,
      unexplained: 1,
      faults: [{ fault: 'down-kafka-1', type: 'down', target: 'kafka', occurrence: 1, from_ms: 8_000, to_ms: 9_000 }, { fault: 'late', to_ms: null }],
      groups: [
        { code: 'KAFKA_UNAVAILABLE', dependency: 'kafka', operation: 'kafka.publish', severity: 'high', recovery: 'retry', count: 2, first_ms: 8_100, last_ms: 8_200, sources: ['retry.scheduled'], jobs: ['job-1'], faults: [{ fault: 'down-kafka-1', count: 2, related: true }], example: { seq: 8, correlation_id: correlation, job: 'job-1', agent: null } },
        { code: 'dependency.changed', severity: null, faults: [], jobs: [] },
      ],
    });
  });

  it('N02 follows a job through every host in order, and what happened around it', async () => {
    const { out } = await printed(['out'], { job: 'job-1' });
    const [head, , ...steps] = out.trimEnd().split('\n');
    expect(head).toBe(`run r  job job-1  correlation ${correlation}  9 steps, 2 failed`);
    expect(steps.map((line) => /^ *([\d.]+) s (.) (\S+) +(\S+)/.exec(line)?.slice(1))).toEqual([
      ['2.00', ' ', 'lab', 'job.submitted'],
      ['2.01', ' ', 'lab', 'job.accepted'],
      ['2.10', ' ', 'reporting-1', 'agent.started'],
      // Copied from the gateway's log at the end of the run.
      ['3.00', ' ', 'reporting-1', 'llm.called'],
      ['8.00', '·', 'lab', 'fault.injected'],
      ['8.10', '✘', 'reporting-1', 'retry.scheduled'],
      ['8.20', '✘', 'reporting-1', 'retry.scheduled'],
      ['9.00', '·', 'lab', 'fault.healed'],
      ['9.50', ' ', 'lab', 'job.reported'],
    ]);
    expect((await printed(['out'], { correlation })).out).toBe(out);
    expect((await printed(['out'], { job: 'r-job-1' })).out).toBe(out);
    const object = JSON.parse((await printed(['out'], { job: 'job-1', json: true })).out) as { steps: { event: JournalEvent }[] };
    expect(object).toMatchObject({ run_id: 'r', jobs: ['job-1'], correlation_ids: [correlation], hosts: ['reporting-1'], errors: 2 });
    expect(object.steps[3]).toMatchObject({ ms: 3_000, relation: 'own', failed: false, event: { type: 'llm.called', seq: 13 } });
  });

  it('N02 a run that was killed is told of as far as it goes', async () => {
    const killed = `${lines(course.slice(0, 9))}{"v":1,"seq":10,"ty`;
    const { out, stderr } = await printed(['out'], {}, killed);
    expect(out).toContain('3 errors of 2 causes, 1 not explained by any fault  (the run did not come to its end)');
    expect(out).toMatch(/down-kafka-1 .* the end$/m);
    expect(stderr).toBe('the last line of the journal is cut off, as a run leaves it that was killed: what was there was looked at, 9 events up to 8.2 s\n');
  });

  it('N02 a run without errors says so', async () => {
    expect((await printed(['out'], {}, lines([course[0] as (typeof course)[number], [5, { type: 'run.finished', verdict: 'pass', duration_ms: 5 }]]))).out).toBe('run r  0 errors of 0 causes, 0 not explained by any fault\n');
  });

  it('N02 a run of 150,000 steps under one id is followed', async () => {
    const sample: JournalFact = { type: 'level.changed', ...host, correlation_id: 'r', from: 0, to: 1, reason: 'x' };
    const content = lines([course[0] as (typeof course)[number], ...Array.from({ length: 150_000 }, (_, index) => [index, sample] as const)]);
    expect((await printed(['out'], { correlation: 'r' }, content)).out.trimEnd().split('\n')).toHaveLength(150_002);
  });

  it('N07 what a fleet wrote cannot drive the terminal', async () => {
    const bad: JournalFact = { type: 'agent.error', ...host, operation: 'x\u001b[2J', error: { code: 'A\u001b]0;t\u0007', message: 'm\u001b[31m', severity: 'low', recovery: 'fail' } };
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect((await printed(['out'], {}, lines([...course.slice(0, 1), [5, bad]]))).out).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it.each([
    [['lastest'], {}, 'lastest: there is no such run in .netra/runs; did you mean latest?'],
    [['nowhere/journal.ndjson'], {}, 'nowhere/journal.ndjson: there is no such journal; name a journal.ndjson, its run folder, or a run that `netra-resilience runs` lists'],
    [['out'], { job: 'jbo-1' }, '--job jbo-1: the run has no job of that name; did you mean job-1?'],
    [['out'], { job: 'zzz' }, '--job zzz: the run has no job of that name; it has job-1, job-2'],
    [['out'], { correlation: 'zzz' }, '--correlation zzz: nothing in the run carries that id; take one from a log line, an event, an error answer, or what `netra-resilience errors` shows; or follow a job with --job'],
    [['out'], { job: 'job-1', correlation }, '--correlation: stands beside --job; leave one of them out: each follows one thing'],
  ])('N07 %j with %j is answered with what is wrong and how to mend it', async (words, options, expected) => {
    await using folder = await tempFolder({ 'out/journal.ndjson': lines(), '.netra/runs/20261120-104500-abcdef/journal.ndjson': lines() });
    expect(await problemsOf(() => run(commandInput(options as Record<string, string>, words), testContext({ cwd: folder.path })))).toEqual([expected]);
  });

  it('N07 a journal of another version, and one that lacks a line, are refused with their line', async () => {
    for (const [content, message] of [[lines(course, { v: 2 }), /cannot be read: .*journal\.ndjson:1: journal version 2 is not known/], [lines().replace(/^.*"seq":4.*\n/m, ''), /event 4 is missing/]] as const) {
      await using folder = await tempFolder({ 'out/journal.ndjson': content });
      expect((await problemsOf(() => run(commandInput({}, ['out']), testContext({ cwd: folder.path })))).join('\n')).toMatch(message);
    }
  });
});
