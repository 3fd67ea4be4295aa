import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { hostSettings } from '../../src/cli/host/host-settings.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import { hostVariables } from '../../src/fleet/host/config.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = await readFile(`${root}docs/scale-out.md`, 'utf8');
const blocks = [...text.matchAll(/```(\w*)\n([^]*?)```/g)].map(([, language = '', body = '']) => ({ language, body }));

describe('docs/scale-out.md', () => {
  it('N08 its first example is all that a host needs to be told', () => {
    const { body = '' } = blocks.find((block) => block.body.includes('export NETRA_REDIS_URL')) ?? {};
    const environment = Object.fromEntries([...body.matchAll(/^export (\w+)=(\S+)/gm)].map(([, name = '', value = '']) => [name, value === '…' ? 'a value that nobody can guess' : value]));
    const words = /npx netra-resilience (.+)/.exec(body)?.[1]?.split(' ') ?? [];
    const parsed = parseCommandLine(commands, words, '0');
    if (parsed.kind !== 'command') throw new Error('no command');
    expect(parsed.input.problems).toEqual([]);
    expect(hostSettings(parsed.input, { environment, cwd: '/' })).toMatchObject({ config: { role: 'reporting' }, environment: { NETRA_HTTP_HOST: '0.0.0.0', NETRA_HTTP_PORT: 8080 } });
  });

  it('N08 every variable that it names is one that hosts read', () => {
    const named = new Set(text.match(/\bNETRA_[A-Z_]+\b/g));
    expect(named.size).toBeGreaterThan(10);
    expect([...named].filter((name) => !hostVariables.includes(name))).toEqual([]);
  });

  it('N08 the defaults that it tells are those of a host', () => {
    const environment = { NETRA_REDIS_URL: 'redis://r', NETRA_KAFKA_BROKERS: 'k:1', NETRA_DATABASE_URL: 'postgres://p', NETRA_LLM_BASE_URL: 'http://m' };
    const told = Object.fromEntries([...text.matchAll(/`(NETRA_\w+)` \| .*Default (\d+)/g)].map(([, name = '', value]) => [name, Number(value)]));
    expect(Object.keys(told)).toHaveLength(3);
    expect(hostSettings({ positionals: [], options: { role: 'reporting' }, problems: [] }, { environment, cwd: '/' }).environment).toMatchObject(told);
  });

  it('N08 files that it names are there, and its YAML can be read', async () => {
    for (const [path] of text.matchAll(/\b(?:test|deploy)\/[\w./-]*\w/g)) await access(root + path);
    for (const { body } of blocks.filter(({ language }) => language === 'yaml')) expect(parseAllDocuments(body).flatMap((document) => document.errors)).toEqual([]);
  });
});
