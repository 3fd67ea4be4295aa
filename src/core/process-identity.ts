import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const timeoutMs = 5_000;

/**
 * When a process was started, as text that no other process with the same id has; undefined where there is no
 * such process. Linux: field 22 of /proc/<pid>/stat (clock ticks since boot), elsewhere what `ps` prints.
 */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold blanks and brackets itself.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    // No /proc, or no such process: `ps` knows which.
  }
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: timeoutMs, stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return started === '' ? undefined : started;
  } catch {
    return undefined; // ps ends with 1 where there is no such process.
  }
}
