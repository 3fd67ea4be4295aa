import { execFileSync, spawnSync } from 'node:child_process';
import { temporaryFolder } from './cli.ts';

/** A file system of `kilobytes` in memory, mounted in a folder of its own. Needs the right to mount (`canMount`). */
export async function tinyDisk(kilobytes: number): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder.path]);
  return {
    path: folder.path,
    [Symbol.asyncDispose]: async () => {
      execFileSync('umount', ['--lazy', folder.path]);
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** The same folder again, where nothing can be written. */
export function makeReadOnly(path: string): void {
  execFileSync('mount', ['-o', 'remount,ro', path]);
}

let allowed: boolean | undefined;

/** Whether this user may mount file systems: root of a machine or of most containers. */
export function canMount(): boolean {
  allowed ??= process.platform === 'linux' && spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
  return allowed;
}
