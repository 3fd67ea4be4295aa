import { readdir, readFile, readlink } from 'node:fs/promises';

/**
 * Processes that belong to a run below `folder`: those that work in it, and those that were told of it when they were started
 * (every host has its state there, every infrastructure process its log). Needs /proc; nowhere else is it known what a process was told.
 */
export async function processesOf(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const belongs = await Promise.all(
    pids.map(async (pid) => {
      // One that has ended meanwhile belongs to nothing.
      const [cwd, environment] = await Promise.all([readlink(`/proc/${pid}/cwd`).catch(() => ''), readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')]);
      return cwd.startsWith(folder) || environment.includes(folder);
    }),
  );
  return pids.filter((_, index) => belongs[index]).map(Number);
}
