import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { forbiddenImports, importCycles, importEdges, readSources } from './helpers/import-graph.ts';

const sources = readSources(fileURLToPath(new URL('../src', import.meta.url)));
const edges = importEdges(sources);

describe('architecture', () => {
  it('P06 reads the imports of every source file', () => {
    expect(sources.size).toBeGreaterThan(150);
    expect(edges.length).toBeGreaterThan(sources.size);
  });

  it('P06 areas import only what the architecture allows', () => {
    expect(forbiddenImports(edges)).toEqual([]);
  });

  it('P06 there is no cycle among files', () => {
    expect(importCycles(edges)).toEqual([]);
  });

  it('P06 every relative import leads to a file', () => {
    expect(edges.filter(({ to }) => !sources.has(to)).map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('P06 a planted violation is found: the lab importing the fleet, anybody importing the CLI, the fleet writing the journal', () => {
    const planted = importEdges(
      new Map([
        ['chaos/engine/x.ts', `import { Host } from '../../fleet/host/host.ts';`],
        ['infra/x.ts', `export * from '../cli/main.ts';`],
        ['fleet/y.ts', `import { JournalWriter } from '../journal/writer.ts';`],
        ['core/z.ts', `const late = await import('../journal/reader.ts');`],
        ['fleet/ok.ts', `import type { FleetEvent } from '../journal/fleet-events.ts';`],
      ]),
    );
    expect(forbiddenImports(planted).map((line) => line.split(' ')[0])).toEqual(['chaos/engine/x.ts', 'infra/x.ts', 'fleet/y.ts', 'core/z.ts']);
  });

  it('P06 a planted cycle is found, through a re-export as well', () => {
    const planted = importEdges(
      new Map([
        ['core/a.ts', `import { b } from './b.ts';`],
        ['core/b.ts', `export { c } from './c.ts';`],
        ['core/c.ts', `import {\n  a,\n} from './a.ts';`],
        ['core/d.ts', `import { a } from './a.ts';`],
      ]),
    );
    expect(importCycles(planted)).toEqual([['core/a.ts', 'core/b.ts', 'core/c.ts']]);
  });
});
