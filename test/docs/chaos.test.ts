import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { documentPath, missingLists, render } from '../../scripts/chaos-doc.ts';
import { expectations } from '../../src/chaos/checks/expectations/index.ts';
import { invariants } from '../../src/chaos/checks/invariants/index.ts';
import { faults } from '../../src/chaos/faults/index.ts';
import { loadScenario } from '../../src/chaos/scenario/load-scenario.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { formatProblem, Problems } from '../../src/core/problems.ts';

const document = await readFile(documentPath, 'utf8');

describe('docs/chaos.md', () => {
  it('P02 its lists are what the registries say: run `node scripts/chaos-doc.ts` where this fails', () => {
    expect(missingLists(document)).toEqual([]);
    expect(document).toBe(render(document));
    const named = [...faults.map(({ type }) => type), ...[...invariants, ...expectations].map(({ name }) => name)];
    for (const name of named) expect(document).toContain(`| \`${name}\` |`);
  });

  it('P02 its example is a valid scenario', () => {
    const [, text = ''] = /```yaml scenario\n([\s\S]*?)```/.exec(document) ?? [];
    const problems = new Problems();
    expect(loadScenario('slow-checkpoints.yaml', text, problems)).toMatchObject({ name: 'slow-checkpoints', faults: [{ type: 'latency' }, { type: 'down' }, { type: 'kill' }] });
    expect(problems.list.map(formatProblem)).toEqual([]);
  });

  it('P02 names every exit code', () => {
    for (const code of Object.values(exitCodes)) expect(document).toMatch(new RegExp(`(?:\`${code}\`|\\| ${code} \\|)`));
  });
});
