import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ResilientDatabase } from '../../../src/fleet/connectors/database/resilient-database.ts';
import type { PostgresServer } from '../../../src/infra/embedded/postgres/server.ts';
import { JobStore } from '../../../src/fleet/jobs/job-store.ts';
import { jobSubmissionSchema, type ReportResult } from '../../../src/fleet/jobs/job.ts';
import { DatabaseReportStore } from '../../../src/fleet/jobs/report-store.ts';
import { jobTables } from '../../../src/fleet/jobs/tables.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';
import { createHarness } from '../connectors/connector-harness.ts';
import { startTestPostgres, temporaryFolder, urlOf } from '../connectors/database/database-servers.ts';

const submission = { run_id: 'a', user_id: 'u', question: 'How?', period: { from: '2025-01-01', to: '2025-12-31' }, timeout_ms: 90_000 };
const good: ReportResult = { success: true, report: 'text', level: 'FULL', missing_data: ['x'], recovery_performed: false, checkpoints_used: 1, resumed_sections: 0, correlation_id: 'c' };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: PostgresServer;
const open: ResilientDatabase[] = [];
beforeAll(async () => {
  [folder, server] = await Promise.all([temporaryFolder(), startTestPostgres()]);
});
afterAll(async () => {
  await Promise.all(open.map((database) => database.close()));
  await server.close();
  await folder[Symbol.asyncDispose]();
});

async function stored(side: 'postgres' | 'sqlite'): Promise<{ jobs: JobStore; clock: VirtualClock; database: ResilientDatabase }> {
  const database = new ResilientDatabase(createHarness(), { url: urlOf(side === 'postgres' ? server.port : 1), stateDir: `${folder.path}/${side}-${open.length}` });
  open.push(database);
  if (side === 'postgres') await database.connect();
  else await database.useFallback('a test without PostgreSQL');
  await database.ensureTables(jobTables);
  if (side === 'postgres') for (const table of ['jobs', 'job_progress', 'reports']) await database.query(`DELETE FROM ${table}`);
  const clock = new VirtualClock();
  return { jobs: new JobStore(database, clock), clock, database };
}

describe.each(['postgres', 'sqlite'] as const)('jobs in %s', (side) => {
  it('F12 a job is accepted once, read back as it was given, and open until its report', async () => {
    const { jobs, clock } = await stored(side);
    const request = await jobs.accept(submission, 'c-1', {});
    expect(request).toEqual({ run_id: 'a', user_id: 'u', correlation_id: 'c-1', question: 'How?', period: submission.period, accepted_at: clock.now(), timeout_ms: 90_000 });
    await clock.advance(1_000);
    expect(await jobs.accept(submission, 'c-2', {})).toEqual(request);
    expect(await jobs.unfinished(10, {})).toEqual([{ request, dispatches: 0 }]);
    expect(await jobs.view('a', {})).toEqual({ run_id: 'a', user_id: 'u', correlation_id: 'c-1', status: 'accepted', attempts: 0, accepted_at: request.accepted_at });
    expect([await jobs.countDispatch('a', {}), await jobs.countDispatch('a', {})]).toEqual([1, 2]);
    expect(await jobs.view('a', {})).toMatchObject({ status: 'running', attempts: 2 });
    expect(await jobs.unfinished(10, {})).toEqual([{ request, dispatches: 2 }]);
    expect(await jobs.isReported('a', {})).toBe(false);
    expect(await jobs.storeReport('a', 'u', good, 1_001, 'h', {})).toBe(true);
    expect(await jobs.storeReport('a', 'u', { ...good, level: 'BASIC' }, 2_001, 'h2', {})).toBe(false);
    expect(await jobs.view('a', {})).toMatchObject({ status: 'completed', result: good, completed_at: clock.now() });
    expect(await jobs.unfinished(10, {})).toEqual([]);
    expect(await jobs.isReported('a', {})).toBe(true);
  });

  it('C01 another content under the same run id is JOB_CONFLICT, whichever member differs; the first stays', async () => {
    const { jobs } = await stored(side);
    await jobs.accept(submission, 'c-1', {});
    const { timeout_ms: _timeout, ...untimed } = submission;
    for (const other of [{ ...submission, user_id: 'v' }, { ...submission, question: 'Why?' }, { ...submission, period: { from: '2025-01-02', to: '2025-12-31' } }, { ...submission, timeout_ms: 1 }, untimed]) {
      await expect(jobs.accept(other, 'c', {})).rejects.toMatchObject({ code: 'JOB_CONFLICT', message: expect.stringContaining(`'a'`) });
    }
    expect(await jobs.view('a', {})).toMatchObject({ user_id: 'u' });
    expect(await jobs.view('a', { userId: 'u' })).toMatchObject({ run_id: 'a' });
    await expect(jobs.view('a', { userId: 'v' })).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
    await expect(jobs.view('b', {})).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
  });

  it('F12 a job without a run id of its own gets one; two such are two jobs; the oldest is the first to be taken up', async () => {
    const { jobs, clock } = await stored(side);
    const { run_id: _id, ...anonymous } = submission;
    const first = await jobs.accept(anonymous, 'c', {});
    await clock.advance(5);
    const second = await jobs.accept(anonymous, 'c', {});
    expect(first.run_id).not.toBe(second.run_id);
    expect((await jobs.unfinished(10, {})).map(({ request }) => request.run_id)).toEqual([first.run_id, second.run_id]);
    expect(await jobs.unfinished(1, {})).toHaveLength(1);
  });

  it('D05 the report store gives back what was stored, once', async () => {
    const { jobs } = await stored(side);
    const reports = new DatabaseReportStore(jobs, 'h');
    const key = { jobId: 'a', userId: 'u', correlationId: 'c' };
    expect(await reports.find(key)).toBeNull();
    expect(await reports.store(key, good, 1)).toBe('stored');
    expect(await reports.store(key, { ...good, success: false }, 2)).toBe('already_there');
    expect(await reports.find(key)).toEqual(good);
  });

  it('F12 twenty at once that ask for one run id get one job', async () => {
    const { jobs, database } = await stored(side);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => jobs.accept(submission, `c-${n}`, {})));
    expect(new Set(answers.map((answer) => answer.correlation_id)).size).toBe(1);
    expect(await database.query('SELECT run_id FROM jobs WHERE run_id = $1', ['a'])).toHaveLength(1);
  });
});

const withPeriod = (from: string, to: string): boolean => jobSubmissionSchema.safeParse({ ...submission, period: { from, to } }).success;

describe('what may be submitted', () => {
  it('N07 a period is of days that there are, in their order', () => {
    expect(withPeriod('2024-02-29', '2024-02-29')).toBe(true);
    for (const [from, to] of [['2025-02-29', '2025-03-01'], ['2025-1-1', '2025-12-31'], ['2025-12-31', '2025-01-01'], ['', ''], ['2025-01-01T00:00:00Z', '2025-01-02']] as const) expect(withPeriod(from, to)).toBe(false);
  });
});
