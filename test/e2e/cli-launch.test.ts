import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bin, runCli, temporaryFolder } from '../helpers/cli.ts';
import { olderNode } from '../helpers/older-node.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const version = (JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }).version;

const older = olderNode();

/** The launcher alone, without what `npm ci` brings. */
async function launcherAlone(folder: string): Promise<string> {
  await mkdir(join(folder, 'bin'));
  await cp(bin, join(folder, 'bin', 'netra-resilience.js'));
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  return join(folder, 'bin', 'netra-resilience.js');
}

describe('the launcher', () => {
  it.runIf(older !== undefined)('P01 started by an older Node, it goes on with the one that npm ci brought: same output, same exit code (needs an older Node on the PATH)', async () => {
    await using folder = await temporaryFolder();
    const options = { cwd: folder.path, node: older as string };
    expect(await runCli(['--version'], options)).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
    expect(await runCli(['run', '--job', '3'], options)).toEqual({ exitCode: 64, stdout: '', stderr: '--job: run has no such flag; did you mean --jobs?\n' });
  });

  it.runIf(older !== undefined)('P01 started by an older Node where there is no other, it says what is needed (needs an older Node on the PATH)', async () => {
    await using folder = await temporaryFolder();
    const { exitCode, stdout, stderr } = await runCli(['run'], { cwd: folder.path, node: older as string, bin: await launcherAlone(folder.path) });
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    expect(stderr).toMatch(/^netra-resilience needs Node 22\.22 or newer and was started by \d+\.\d+\.\d+; run `npm ci` in its folder[^\n]*\n$/);
  });

  it('N07 says that it is not built where it is not', async () => {
    await using folder = await temporaryFolder();
    expect(await runCli(['run'], { cwd: folder.path, bin: await launcherAlone(folder.path) })).toEqual({ exitCode: 70, stdout: '', stderr: 'netra-resilience is not built; run `npm ci` or `npm run build` in its folder.\n' });
  });

  it('P05 the help loads commander and nothing heavier', async () => {
    await using folder = await temporaryFolder();
    const coverage = join(folder.path, 'coverage');
    const { exitCode, stdout } = await runCli(['--help'], { cwd: folder.path, environment: { NODE_V8_COVERAGE: coverage } });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Usage: netra-resilience');
    const files = await readdir(coverage);
    const loaded = (await Promise.all(files.map(async (file) => (JSON.parse(await readFile(join(coverage, file), 'utf8')) as { result: { url: string }[] }).result))).flat().map(({ url }) => url);
    const packages = new Set(loaded.flatMap((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []));
    expect([...packages]).toEqual(['commander']);
    expect(loaded.filter((url) => url.includes('/dist/')).length).toBeGreaterThan(5);
    expect(loaded.filter((url) => /\/dist\/(fleet|chaos|journal|telemetry)\//.test(url))).toEqual([]);
  });

  it('N08 without words it shows the help', async () => {
    await using folder = await temporaryFolder();
    const [none, help] = await Promise.all([runCli([], { cwd: folder.path }), runCli(['--help'], { cwd: folder.path })]);
    expect(none).toEqual(help);
  });
});
