import { describe, expect, it } from 'vitest';
import { judgeScenario } from '../../../src/chaos/checks/judge-scenario.ts';
import { mergeVerdicts } from '../../../src/chaos/checks/check.ts';
import { judgeRun } from '../../../src/chaos/engine/run-scenario.ts';
import { loadScenario } from '../../../src/chaos/scenario/load-scenario.ts';
import type { Scenario } from '../../../src/chaos/scenario/scenario.ts';
import { run } from '../../../src/cli/chaos/replay-command.ts';
import { Problems } from '../../../src/core/problems.ts';
import type { JournalEvent, JournalFact } from '../../../src/journal/events.ts';
import type { ChaosReport } from '../../../src/reporters/chaos-report.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { commandInput, problemsOf, testContext } from '../helpers.ts';
import { scenarioText } from './scenario-files.ts';

const text = scenarioText('drop', 'expect:\n  - { check: resumed, at_least: 1 }\n');
const scenario = loadScenario('scenarios/drop.yaml', text, new Problems()) as Scenario;

const course: readonly JournalFact[] = [
  { type: 'run.started', command: 'chaos', seed: '5', provider: 'embedded', control: false, versions: {}, machine: { platform: 'x', cpus: 2, memory_mb: 1 }, jobs: 1 },
  { type: 'scenario.planned', name: 'drop', path: 'scenarios/drop.yaml', hash: 'h', text },
  { type: 'steady.checked', phase: 'before', met: true, waited_ms: 3, detail: 'level 0' },
  { type: 'job.submitted', job: 'job-1', job_id: 'r-job-1', user_id: 'u', question: 'q' },
  { type: 'job.accepted', job: 'job-1', job_id: 'r-job-1', correlation_id: 'c' },
  { type: 'fault.injected', fault: 'down-redis-1', fault_type: 'down', target: 'redis', parameters: {}, occurrence: 1 },
  { type: 'fault.healed', fault: 'down-redis-1', occurrence: 1, affected: 4, unit: 'connections', reason: 'length' },
  { type: 'steady.checked', phase: 'after', met: true, waited_ms: 4, detail: 'level 0' },
];

function journal(facts: readonly JournalFact[]): JournalEvent[] {
  return facts.map((fact, index) => ({ v: 1, seq: index + 1, at: '2026-11-20T10:45:01.000Z', mono_ms: index * 10, run_id: 'r', ...fact }));
}

const lines = (events: readonly JournalEvent[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');

/** As the engine leaves it: judged, and finished. */
function finished(facts: readonly JournalFact[] = course): { events: JournalEvent[]; checks: ReturnType<typeof judgeRun> } {
  const checks = judgeRun(journal(facts), scenario, judgeScenario);
  const judged = checks.map(({ check, status, detail }): JournalFact => ({ type: 'check.judged', check, status, detail }));
  return { checks, events: journal([...facts, ...judged, { type: 'run.finished', verdict: mergeVerdicts(checks.map(({ status }) => status)), duration_ms: 900 }]) };
}

async function replay(content: string, wanted = 'run'): Promise<{ code: number; report: ChaosReport; text: string; stderr: string }> {
  await using folder = await tempFolder({ 'run/journal.ndjson': content, '.netra/runs/r/journal.ndjson': content });
  let stderr = '';
  const change = { cwd: folder.path, stderr: { write: (chunk: string) => void (stderr += chunk) } };
  const [plain, json] = [testContext(change), testContext(change)];
  const code = await run(commandInput({}, [wanted]), plain);
  await run(commandInput({ json: true }, [wanted]), json);
  return { code, report: JSON.parse(json.out()) as ChaosReport, text: plain.out(), stderr };
}

describe('replay', () => {
  it('P02 gives the verdict and the checks of the live run from the file alone', async () => {
    const { events, checks } = finished();
    const { code, report, text: shown, stderr } = await replay(lines(events));
    const [replayed] = report.scenarios;
    expect(replayed).toMatchObject({ name: 'drop', seed: '5', provider: 'embedded', duration_ms: 900, run_dir: 'run', verdict: 'fail', jobs: { accepted: 1, reported: 0, lost: 1 } });
    expect(replayed?.checks.map(({ name, status, detail, evidence }) => ({ check: name, status, detail, evidence }))).toEqual(checks.map(({ check, status, detail, evidence }) => ({ check, status, detail, evidence })));
    expect(replayed?.checks.find(({ name }) => name === 'resumed')?.line).toBe(8);
    expect(code).toBe(1);
    expect(stderr).toBe('');
    for (const { check } of checks) expect(shown).toContain(check);
  });

  it('P02 takes the file, its folder, or the name of a run', async () => {
    const content = lines(finished().events);
    for (const wanted of ['run/journal.ndjson', 'run', 'r']) expect((await replay(content, wanted)).code).toBe(1);
  });

  it('P02 says so where it judges otherwise than the run did', async () => {
    const changed = finished().events.map((event) => (event.type === 'check.judged' && event.check === 'no-job-lost' ? { ...event, status: 'pass' as const } : event));
    expect((await replay(lines(changed))).stderr).toContain('no-job-lost: fail now, and was pass when it was run\n');
  });

  it('P02 an interrupted run, one without an end and one that was not judged are unknown, whatever their checks say', async () => {
    const interrupted = finished([...course, { type: 'run.interrupted', reason: 'SIGINT' }]).events;
    expect(await replay(lines(interrupted))).toMatchObject({ code: 2, report: { verdict: 'unknown', scenarios: [{ problem: 'it was interrupted' }] } });
    const cutOff = `${lines(journal(course))}{"v":1,"seq":9,"ty`;
    expect(await replay(cutOff)).toMatchObject({ code: 2, report: { verdict: 'unknown', scenarios: [{ problem: 'its journal has no end' }] } });
    const notBegun = lines(journal([...course.slice(0, 2), { type: 'run.finished', verdict: 'unknown', duration_ms: 1 }]));
    expect(await replay(notBegun)).toMatchObject({ code: 2, report: { verdict: 'unknown', scenarios: [{ checks: [], problem: 'it could not begin, or not be carried on' }] } });
  });

  it('P02 judges a plain run by the checks that are always on', async () => {
    const plain = journal([{ ...(course[0] as JournalFact & { type: 'run.started' }), command: 'run' }, ...course.slice(3, 5), { type: 'check.judged', check: 'no-job-lost', status: 'fail', detail: '' }, { type: 'run.finished', verdict: 'fail', duration_ms: 5 }]);
    const { report } = await replay(lines(plain));
    expect(report.scenarios[0]).toMatchObject({ name: 'run', verdict: 'fail', faults: [] });
  });

  it.each([
    ['a file that is not there', undefined, /there is no such journal/],
    ['what is no journal', '{"v":1,"seq":1,"type":"job.submitted"}\n', /does not begin with run\.started/],
    ['an empty file', '', /does not begin with run\.started/],
    ['a journal with a gap', lines(finished().events.filter(({ seq }) => seq !== 4)), /event 4 is missing/],
    ['a line that is no JSON', lines(finished().events).replace('"met":true', 'met:true'), /is not JSON/],
    ['a scenario of another version', lines(finished().events).replaceAll('type: down', 'type: dwon'), /there is no fault "dwon"/],
  ])('P02 %s is told as a problem of what was given', async (_, content, message) => {
    await using folder = await tempFolder(content === undefined ? {} : { 'journal.ndjson': content });
    const problems = await problemsOf(() => run(commandInput({}, ['journal.ndjson']), testContext({ cwd: folder.path })));
    expect(problems.join('\n')).toMatch(message);
  });
});
