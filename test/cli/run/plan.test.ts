import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planRun } from '../../../src/cli/run/plan.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { commandInput, problemsOf, testContext } from '../helpers.ts';

const orders = (...rows: string[]): string => `${['order_id,customer_id,ordered_on,total,currency', ...rows].join('\n')}\n`;

describe('what a run would do', () => {
  it('P01 four jobs about the last three months of the bundled data, in a folder of its own', async () => {
    await using folder = await tempFolder();
    const plan = await planRun(commandInput(), testContext({ cwd: folder.path }));
    expect(plan.jobs).toHaveLength(4);
    expect(new Set(plan.jobs.map((job) => JSON.stringify(job.period)))).toEqual(new Set(['{"from":"2025-10-01","to":"2025-12-31"}']));
    expect(plan.folder.shown).toBe(join('.netra', 'runs', plan.runId));
    expect(plan.dataset.missingTables).toEqual([]);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('P01 the seed decides who asks what, and --question what is asked', async () => {
    const context = testContext();
    const jobsOf = async (options: Record<string, string>) => (await planRun(commandInput(options), context)).jobs;
    const [first, again, other, asked] = await Promise.all([jobsOf({ seed: '7', jobs: '9' }), jobsOf({ seed: '7', jobs: '9' }), jobsOf({ seed: '8', jobs: '9' }), jobsOf({ question: 'Why?', jobs: '2' })]);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(asked.map((job) => job.question)).toEqual(['Why?', 'Why?']);
  });

  it.each([
    [{}, { from: '2025-03-16', to: '2025-06-15' }],
    [{ to: '2025-05-31' }, { from: '2025-03-01', to: '2025-05-31' }],
    [{ from: '2025-01-01' }, { from: '2025-01-01', to: '2025-06-15' }],
    [{ from: '2026-01-01', to: '2026-02-01' }, { from: '2026-01-01', to: '2026-02-01' }],
  ])('P01 the period follows from the data and %j', async (options, period) => {
    await using folder = await tempFolder({ 'data/orders.csv': orders('O1,C1,2025-01-02,1.00,EUR', 'O2,C1,2025-06-15,1.00,EUR') });
    const plan = await planRun(commandInput({ data: 'data', ...options }), testContext({ cwd: folder.path }));
    expect(plan.jobs[0]?.period).toEqual(period);
  });

  it('N07 a period that begins after the data ends is refused', async () => {
    expect(await problemsOf(() => planRun(commandInput({ from: '2026-01-01' }), testContext()))).toEqual([
      '--from: 2026-01-01 is after 2025-12-31, the newest day in the data; choose an earlier day, or say with --to where the period ends',
    ]);
  });

  it('N07 tells everything at once: words, flags, jobs file, data, mapping and folder, each with its place; nothing is written', async () => {
    await using folder = await tempFolder({
      'jobs.yaml': '- question: Why?\n  untl: 2025-01-01\n',
      'data/mapping.yaml': 'tables:\n  ordres: {file: o.csv}\n  payments:\n    file: p.csv\n    columns: {amount: betrag}\n',
      'data/p.csv': 'payment_id,order_id,paid_on,betrg,currency\n',
      'full/x': '',
    });
    const before = await readdir(folder.path, { recursive: true });
    const input = { ...commandInput({ jobsFile: 'jobs.yaml', data: 'data', out: 'full', concurrency: 'many' }), problems: [{ where: '--bogus', what: 'run has no such flag', fix: 'leave it out' }] };
    const lines = await problemsOf(() => planRun(input, testContext({ cwd: folder.path })));
    expect(lines).toEqual([
      '--bogus: run has no such flag; leave it out',
      expect.stringMatching(/^--concurrency: 'many' is no whole number/),
      '--out: the folder full is not empty; name another one, or empty it',
      expect.stringMatching(/^data\/mapping\.yaml:2:3: .*ordres.*orders/),
      expect.stringMatching(/^data\/mapping\.yaml:5:\d+: data\/p\.csv has no column "betrag"; did you mean "betrg"\?/),
      expect.stringMatching(/^jobs\.yaml:2:3: "untl" means nothing here/),
    ]);
    expect(await readdir(folder.path, { recursive: true })).toEqual(before);
  });

  it('N07 a variable that the hosts would refuse is told before they are started', async () => {
    expect(await problemsOf(() => planRun(commandInput(), testContext({ environment: { NETRA_LOG_LEVEL: 'wran' } })))).toEqual(["NETRA_LOG_LEVEL: 'wran' is no level of logs; did you mean warn?"]);
  });

  it('N07 an empty data folder is told also where something else is wrong', async () => {
    await using folder = await tempFolder();
    await mkdir(join(folder.path, 'data'));
    expect(await problemsOf(() => planRun(commandInput({ data: 'data', jobs: 'x' }), testContext({ cwd: folder.path })))).toEqual([expect.stringMatching(/^--jobs/), expect.stringMatching(/^data: holds no CSV file/)]);
  });

  it('N07 --out may be absent or empty, but no file', async () => {
    await using folder = await tempFolder();
    await mkdir(join(folder.path, 'empty'));
    await writeFile(join(folder.path, 'file'), '');
    const context = testContext({ cwd: folder.path });
    for (const out of ['empty', 'new/deep']) expect((await planRun(commandInput({ out }), context)).folder.shown).toBe(join(out));
    for (const out of ['file', 'file/below']) expect(await problemsOf(() => planRun(commandInput({ out }), context))).toEqual([`--out: ${out} cannot be used: it is no folder; name another folder`]);
  });

  it('N07 an interruption ends the reading', async () => {
    await expect(planRun(commandInput(), testContext({ signal: AbortSignal.abort(new Error('interrupted by Ctrl-C')) }))).rejects.toThrow('interrupted by Ctrl-C');
  });
});
