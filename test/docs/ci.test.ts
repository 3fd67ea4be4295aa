import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { planChaos } from '../../src/cli/chaos/plan.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { parseCommandLine, type Parsed } from '../../src/cli/program.ts';
import { commandInput, problemsOf, testContext } from '../cli/helpers.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const document = await readFile(new URL('../../docs/ci.md', import.meta.url), 'utf8');

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string; readonly uses?: string; readonly if?: string; readonly with?: Readonly<Record<string, unknown>> }[] }>>;
}

const [, workflowText = ''] = /```yaml workflow\n([\s\S]*?)```/.exec(document) ?? [];
const [, shellText = ''] = /```sh\n([\s\S]*?)```/.exec(document) ?? [];
const steps = Object.values((parse(workflowText) as Workflow).jobs).flatMap((job) => job.steps);
const lines = [...steps.flatMap(({ run }) => (run === undefined ? [] : run.trim().split('\n'))), ...shellText.trim().split('\n')];
const own = lines.filter((line) => line.startsWith('npx netra-resilience '));

function commandOf(line: string): Parsed & { kind: 'command' } {
  const parsed = parseCommandLine(commands, line.replace(/ > \S+$/, '').split(' ').slice(2), '1.0.0');
  if (parsed.kind !== 'command') throw new Error(`${line} only prints help`);
  return parsed;
}

const startsRuns = (line: string): boolean => / chaos /.test(line) && !line.includes('--dry-run');

describe('docs/ci.md', () => {
  it('P04 every command in it is one of ours or npm’s, and there are some of each kind', () => {
    expect(lines.filter((line) => !own.includes(line))).toEqual(['npm ci']);
    expect(own.filter(startsRuns)).toHaveLength(2);
    expect(own.filter((line) => !startsRuns(line))).toHaveLength(2);
  });

  it.each(own.filter((line) => !startsRuns(line)))('P04 `%s` ends with 0', async (line) => {
    await using folder = await tempFolder();
    const { spec, input } = commandOf(line);
    expect(input.problems).toEqual([]);
    const context = testContext({ cwd: folder.path });
    expect(await (await spec.load()).run(input, context)).toBe(0);
    expect(context.out().length).toBeGreaterThan(0);
  });

  it.each(own.filter(startsRuns))('P04 `%s` finds scenarios, and nothing is wrong with its flags', async (line) => {
    await using folder = await tempFolder();
    const { input } = commandOf(line);
    const plan = await planChaos(input, testContext({ cwd: folder.path }));
    expect(plan.scenarios.length).toBeGreaterThan(0);
    expect(plan.reports.reporters.length).toBeGreaterThan(0);
  });

  it('P04 the report folder that is uploaded is the one that is written, also when the verdict is red', () => {
    const out = own.map((line) => / --out (\S+)/.exec(line)?.[1]).find((folder) => folder !== undefined);
    const upload = steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact'));
    expect(String(upload?.with?.path).split('\n')).toContain(out);
    expect(upload?.if).toBe('always()');
  });

  it('P04 a wrong flag would be found', async () => {
    expect(await problemsOf(() => planChaos(commandInput({ all: true, reporter: 'junits' }), testContext()))).toEqual([expect.stringContaining('there is no reporter "junits"')]);
  });
});
