import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run as runs } from '../../../src/cli/runs/runs-command.ts';
import { run as show } from '../../../src/cli/runs/show-command.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { commandInput, problemsOf, testContext } from '../helpers.ts';
import { aRun, store } from './run-fixture.ts';

const old = aRun('20260101-000000-aaaaaa');
const newest = aRun('20260102-000000-bbbbbb');

async function printed(command: typeof runs, cwd: string, positionals: string[] = [], options = {}, columns = 100): Promise<string> {
  const context = testContext({ cwd, columns });
  expect(await command(commandInput(options, positionals), context)).toBe(0);
  return context.out();
}

describe('runs', () => {
  it('P01 says how to get one where there is none', async () => {
    await using folder = await tempFolder();
    expect(await printed(runs, folder.path)).toBe('No runs here yet; `netra-resilience run` makes one.\n');
    expect(await printed(runs, folder.path, [], { json: true })).toBe('[]\n');
  });

  it('P01 lists the newest first, with verdict, jobs and reports', async () => {
    await using folder = await tempFolder();
    await store(folder.path, old);
    await store(folder.path, newest);
    const lines = (await printed(runs, folder.path)).split('\n');
    expect(lines.slice(0, 3).map((line) => line.split(/ {2,}/))).toEqual([
      ['run', 'verdict', 'jobs', 'reports', 'seed', 'provider', 'total'],
      [newest.runId, 'fail', '2', '1', 'abc', 'embedded', '3.50 s'],
      [old.runId, 'fail', '2', '1', 'abc', 'embedded', '3.50 s'],
    ]);
    expect(JSON.parse(await printed(runs, folder.path, [], { json: true }))).toEqual(
      [newest, old].map(({ runId }) => ({ run_id: runId, finished: true, verdict: 'fail', jobs: 2, reports: 1, seed: 'abc', path: join(folder.path, '.netra', 'runs', runId) })),
    );
  });

  it.each([
    ['cut off', '{"v": 1, "run_id"', undefined, 'not finished'],
    ['of another shape', '{"v": 1, "jobs": 7}', undefined, 'not finished'],
    ['missing', null, undefined, 'not finished'],
    ['missing, and the journal damaged in its middle', null, 'first line', 'not finished'],
    ['missing, and the journal empty', null, '', 'unreadable'],
  ])('N07 a summary that is %s is made up for by the journal, as far as it goes', async (_, summary, journal, status) => {
    await using folder = await tempFolder();
    const lines = old.events.map((event) => JSON.stringify(event));
    await store(folder.path, old, { summary, ...(journal === undefined ? {} : { journal: journal === '' ? '' : [...lines.slice(0, 4), 'garbage', ...lines.slice(4)].join('\n') }) });
    expect((await printed(runs, folder.path)).split('\n')[1]?.split(/ {2,}/).slice(0, 2)).toEqual([old.runId, status]);
    const text = await printed(show, folder.path, ['latest']);
    expect(text).toContain(status === 'unreadable' ? 'cannot be read' : 'job-2');
  });
});

describe('show', () => {
  it('P01 a run, by name, by the beginning of its name, as latest, and by path', async () => {
    await using folder = await tempFolder();
    await store(folder.path, old);
    const path = await store(folder.path, newest);
    const text = await printed(show, folder.path, [newest.runId]);
    for (const wanted of ['latest', '20260102', path, join('.netra', 'runs', newest.runId)]) expect((await printed(show, folder.path, [wanted])).replaceAll(`show ${wanted} job-1`, '')).toBe(text.replaceAll(`show ${newest.runId} job-1`, ''));
    expect(text).toContain(`run ${newest.runId}  seed abc  embedded services`);
    expect(text).toMatch(/^job-1 {2}BASIC {2}1 {9}2 {8}payments: table absent {2,}1\.23 s$/m);
    expect(text).toMatch(/^job-2 {2}– .* no report after 2 s {2,}–$/m);
    expect(text).toContain('data: 1 row could not be used');
    expect(text).toMatch(/✘ no-job-lost +2 accepted, 1 reported/);
    expect(text).toMatch(/verdict fail {3}1 report in /);
  });

  it('P01 a report reads well: wrapped to the terminal, tables aligned, no markup left', async () => {
    await using folder = await tempFolder();
    await store(folder.path, newest);
    const text = await printed(show, folder.path, ['latest', 'job-1'], {}, 40);
    expect(text.split('\n')).toEqual([
      'Business report, 2025', '', '  │ Why did returns rise?', '', 'Level: BASIC · Period: 2025', '', 'At a glance', '', 'Returns rose by 4.2 %.', '', '  • one', '  • two', '',
      'Figure           Of  Value  From', 'Orders | placed      1,234  order', '',
    ]);
    expect(await printed(show, folder.path, ['latest', `${newest.runId}-job-1`], {}, 40)).toBe(text);
  });

  it('N07 what a model wrote cannot drive the terminal', async () => {
    await using folder = await tempFolder({ '.netra/runs/r/journal.ndjson': '', '.netra/runs/r/reports/job-1.md': '# A\u001B[2J title\n\ntext\u0007\n' });
    expect(await printed(show, folder.path, ['r', 'job-1'])).toBe('A [2J title\n\ntext\n');
  });

  it('N07 unknown runs and jobs are told with what was probably meant', async () => {
    await using folder = await tempFolder();
    const said = (...positionals: string[]): Promise<string[]> => problemsOf(() => show(commandInput({}, positionals), testContext({ cwd: folder.path })));
    expect(await said('latest')).toEqual(['latest: there are no runs in .netra/runs yet; `netra-resilience run` makes one']);
    await store(folder.path, old);
    await store(folder.path, newest);
    await mkdir(join(folder.path, 'elsewhere'));
    expect(await said('latst')).toEqual(['latst: there is no such run in .netra/runs; did you mean latest?']);
    expect(await said('20260101-000000-aaaaab')).toEqual([`20260101-000000-aaaaab: there is no such run in .netra/runs; did you mean ${old.runId}?`]);
    expect(await said('elsewhere')).toEqual(['elsewhere: there is no such run in .netra/runs; `netra-resilience runs` lists them']);
    expect(await said('2026')).toEqual(['2026: is the beginning of 2 runs; `netra-resilience runs` lists them']);
    expect(await said('latest', 'jbo-1')).toEqual([`jbo-1: run ${newest.runId} has no report of that name; did you mean job-1?`]);
    expect(await said('latest', '../../../etc/passwd')).toEqual([`../../../etc/passwd: run ${newest.runId} has no report of that name; it has job-1`]);
  });
});
