import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { engineProblem } from './engine.ts';

/** Throws where no engine answers. Local images that have been built are used for every service that the environment names no image for. */
export function setup(): void {
  const problem = engineProblem();
  if (problem !== undefined) throw new Error(`test:containers must not be skipped here: ${problem}`);
  const build = fileURLToPath(new URL('../../scripts/local-images/build', import.meta.url));
  const { stdout } = spawnSync(build, ['--print'], { encoding: 'utf8', timeout: 30_000 });
  for (const line of stdout.split('\n')) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) process.env[name] ??= value;
  }
}
