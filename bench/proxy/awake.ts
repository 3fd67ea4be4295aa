import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

/**
 * Keeps every core from going to sleep, at the lowest priority. A round trip through another process is otherwise
 * mostly the time that an idle virtual core takes to wake up, which is the machine's and no proxy's. Returns what lets
 * them sleep again.
 */
export async function keepCoresAwake(): Promise<() => Promise<void>> {
  const children = Array.from({ length: availableParallelism() }, () => fork(fileURLToPath(new URL('./awake-process.ts', import.meta.url))));
  for (const { pid } of children) setPriority(pid as number, constants.priority.PRIORITY_LOW);
  await Promise.all(children.map((child) => once(child, 'message')));
  return async () => {
    await Promise.all(children.map(end));
  };
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
