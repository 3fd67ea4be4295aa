import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const document = await readFile(`${root}/docs/embedded-servers.md`, 'utf8');

it('P01 docs/embedded-servers.md names files that are there and tests that are run', async () => {
  const files = [...document.matchAll(/`(test\/[\w/.-]+\.ts)`/g)].map(([, file]) => file as string);
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => !existsSync(`${root}/${file}`))).toEqual([]);
  const sources: string[] = [];
  for await (const file of glob('test/**/*.ts', { cwd: root })) sources.push(await readFile(`${root}/${file}`, 'utf8'));
  const titles = [...document.matchAll(/`(P01 [^`…]+)…?`/g)].map(([, title]) => title?.trim() as string);
  expect(titles.length).toBeGreaterThan(4);
  expect(titles.filter((title) => !sources.some((source) => source.includes(title)))).toEqual([]);
});
