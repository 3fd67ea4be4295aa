import { execFileSync } from 'node:child_process';

/** Why no container test can run, with what to do; `undefined` where an engine answers. */
export function engineProblem(): string | undefined {
  try {
    execFileSync('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 10_000, stdio: ['ignore', 'ignore', 'pipe'] });
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'the docker command is missing: install docker, or run it by `.ci/engine npm run test:containers`';
    const [line] = String((error as { stderr?: Buffer }).stderr ?? error).trim().split('\n');
    return `no container engine answers (${line}): start one, or run it by \`.ci/engine npm run test:containers\``;
  }
}
