import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/cli.ts';
import { parseXml } from '../helpers/xml.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What stands on the picture, row by row. */
function rowsOf(svg: string): string[] {
  const texts = Array.from(svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*textLength[^>]*>([^<]*)<\/text>/g), ([, x, y, text]) => ({ x: Number(x), y: Number(y), text: text ?? '' }));
  return [...Map.groupBy(texts, ({ y }) => y).values()].map((row) => row.toSorted((a, b) => a.x - b.x).map(({ text }) => text).join(' '));
}

describe('the picture of the screen', () => {
  it('P03 is made from a real run by the committed script, as text in an image that is well-formed', async () => {
    await using folder = await temporaryFolder();
    const out = join(folder.path, 'screen.svg');
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/screen-image.ts', 'test/tui/journals/redis-drop.ndjson', out, '--after', 'breaker.transition'], { cwd: root });
    expect(stdout).toMatch(/^screen\.svg: redis-drop at \d/);
    const svg = await readFile(out, 'utf8');
    expect(parseXml(svg).name).toBe('svg');
    const rows = rowsOf(svg).join('\n');
    for (const seen of ['redis-drop', '✖ down', '○ open', 'Fleet', 'warehouse', 'Timeline']) expect(rows).toContain(seen);
  });

  it('P03 stands in the README', async () => {
    const svg = await readFile(join(root, 'docs/screen.svg'), 'utf8');
    expect(parseXml(svg).name).toBe('svg');
    expect(rowsOf(svg).join('\n')).toContain('○ open');
    expect(await readFile(join(root, 'README.md'), 'utf8')).toContain('](docs/screen.svg)');
  });
});
