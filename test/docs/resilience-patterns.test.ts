import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as reliability from '../../src/reliability/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const document = readFileSync(join(root, 'docs', 'resilience-patterns.md'), 'utf8');
const index = join(root, 'src', 'reliability', 'index.ts');

interface Example {
  readonly title: string;
  readonly code: string;
}

/** Each TypeScript block with the heading above it. */
function examplesOf(markdown: string): Example[] {
  let heading = '';
  const examples: Example[] = [];
  for (const match of markdown.matchAll(/^#{1,3} (?<heading>.+)$|^```ts\n(?<code>[\s\S]*?)^```$/gm)) {
    if (match.groups?.['heading'] !== undefined) ({ heading } = match.groups as { heading: string });
    else examples.push({ title: heading, code: match.groups?.['code'] ?? '' });
  }
  return examples;
}

const examples = examplesOf(document);
let folder: string;
const fileOf = (example: Example): string => join(folder, `example-${examples.indexOf(example)}.mts`);

/** What Node printed, whether it went well or not. */
async function run(...args: string[]): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
    return stdout + stderr;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return `failed: ${stdout}${stderr}`;
  }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'resilience-docs-'));
  for (const example of examples) writeFileSync(fileOf(example), example.code.replace("'netra-resilience/reliability'", `'${index}'`));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('docs/resilience-patterns.md', () => {
  test('R13 every piece has an example', () => {
    expect(examples.map(({ title }) => title)).toEqual([
      'One call: executeSafely',
      'Profiles',
      'Retry',
      'Idempotency',
      'Retry budget',
      'Hedged reads',
      'Circuit breaker',
      'Timeouts and deadlines',
      'Bulkhead',
      'Fallback',
      'What an error means',
      'Events and health',
      'Calls within calls',
      'Switched off',
    ]);
    for (const { code } of examples) expect(code).toMatch(/\bassert\b/);
  });

  test.concurrent.each(examples)('R13 the example of "$title" holds', { timeout: 60_000 }, async (example) => {
    // The assertions are the example's own: a failed one ends the process with an error.
    expect(await run('--no-warnings', fileOf(example))).toBe('');
  });

  test('R13 the examples keep to the types', async () => {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions: { noEmit: true, rootDir: '/', rewriteRelativeImportExtensions: false, noUnusedLocals: true, typeRoots: [join(root, 'node_modules', '@types')] }, include: ['*.mts'] }));
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    expect(await run(tsc, '-p', folder)).toBe('');
  }, 60_000);

  test('R05 the table of profiles is what the profiles say', () => {
    for (const [name, { retry, idempotent }] of Object.entries(reliability.defaultProfiles)) {
      const row = `| ${name} | ${retry.maxAttempts} | ${retry.attemptTimeoutMs / 1_000} s | ${retry.totalTimeoutMs / 1_000} s | ${idempotent ? 'yes' : 'no'} |`;
      expect(document).toContain(row);
    }
  });
});
