import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../../core/clock.ts';
import { processStart } from '../../../core/process-identity.ts';
import { namesOf, removeOwnData } from './own-data.ts';
import { removeProxy } from './own-proxies.ts';
import { addressText, type ExternalTargets } from './targets.ts';

const record = z.object({ v: z.literal(1), run_id: z.string(), pid: z.int(), started: z.string(), services: z.string(), toxiproxy: z.string().nullable(), proxies: z.array(z.string()) });

/** Written before a run makes anything in services that outlive it, removed once all of it is gone. Holds no credentials. */
export interface RunRecord {
  remove(): Promise<void>;
}

export async function writeRunRecord(cacheDir: string, runId: string, targets: ExternalTargets, proxies: readonly string[]): Promise<RunRecord> {
  const folder = recordsIn(cacheDir);
  const path = join(folder, `${runId}.json`);
  const content: z.infer<typeof record> = { v: 1, run_id: runId, pid: process.pid, started: processStart(process.pid) ?? '', services: servicesText(targets), toxiproxy: targets.toxiproxy?.url ?? null, proxies: [...proxies] };
  await mkdir(folder, { recursive: true });
  await writeFile(path, `${JSON.stringify(content)}\n`);
  return { remove: () => rm(path, { force: true }) };
}

/**
 * Removes what runs left in these services whose process was killed. Runs at work, and runs of other services, are left alone.
 * Returns a sentence for each run.
 */
export async function removeLeftOfDeadRuns(cacheDir: string, targets: ExternalTargets, clock: Clock, signal: AbortSignal): Promise<string[]> {
  const folder = recordsIn(cacheDir);
  const names = await readdir(folder).catch(() => []); // No run has been there.
  const sentences: string[] = [];
  for (const name of names) {
    signal.throwIfAborted();
    const path = join(folder, name);
    const read = record.safeParse(await readFile(path, 'utf8').then(JSON.parse).catch(() => undefined)); // Being removed, or none of ours.
    if (!read.success) continue;
    const { run_id: runId, pid, started, services, toxiproxy, proxies } = read.data;
    if (processStart(pid) === started || services !== servicesText(targets) || toxiproxy !== (targets.toxiproxy?.url ?? null)) continue;
    // Proxies last: by them hosts of the dead run, which are just ending, leave their groups.
    const leftData = await removeOwnData(targets, namesOf(runId), clock);
    const leftProxies = await Promise.all(toxiproxy === null ? [] : proxies.map((proxy) => removeProxy(toxiproxy, proxy, signal)));
    const left = [...leftData, ...leftProxies.flatMap((each) => each ?? [])];
    if (left.length === 0) await rm(path, { force: true });
    sentences.push(left.length === 0 ? `What run ${runId} left behind when it was killed has been removed.` : `Of run ${runId}, which was killed, this could not be removed: ${left.join('; ')}; the next start tries again.`);
  }
  return sentences;
}

function recordsIn(cacheDir: string): string {
  return join(cacheDir, 'external-runs');
}

/** Which services a record is about. */
function servicesText({ redis, postgres, kafka, access }: ExternalTargets): string {
  return [`redis ${addressText(redis)}`, `postgres ${addressText(postgres)}${new URL(access.NETRA_DATABASE_URL).pathname}`, `kafka ${kafka.map(addressText).toSorted().join(',')}`].join(' ');
}
