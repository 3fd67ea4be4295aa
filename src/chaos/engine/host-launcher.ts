import { spawn, type ChildProcess } from 'node:child_process';
import type { HostCommand, HostExit } from './host-process.ts';

export interface LaunchedHost {
  /** Its standard streams are the host's, and it ends when the host has ended. */
  readonly child: ChildProcess;
  /** Of the host itself, on this machine: signals go there. */
  readonly pid: number;
  /** How the host ended, by how `child` did. */
  readonly exitOf: (exit: HostExit) => HostExit;
}

/** Starts what a command says, its standard error appended to `log`. Rejects with a sentence where that cannot be done. */
export type HostLauncher = (command: HostCommand, log: number) => Promise<LaunchedHost>;

/** The host is a child of the lab. */
export const launchProcess: HostLauncher = async (command, log) => {
  const child = await spawned(command, command.command, command.args, command.environment, log);
  return { child, pid: child.pid as number, exitOf: (exit) => exit };
};

/** Apart from the terminal's process group, so that Ctrl-C reaches the lab alone. */
export async function spawned({ host }: HostCommand, program: string, args: readonly string[], environment: Readonly<Record<string, string>>, log: number): Promise<ChildProcess> {
  const child = spawn(program, args, { env: { ...environment }, stdio: ['pipe', 'pipe', log], detached: true });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`host ${host} cannot be started: ${error.message}`, { cause: error })));
  });
  // A host that is gone closes its end of the pipe: that is told by its exit.
  child.stdin?.on('error', () => undefined);
  return child;
}
