import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Toxiproxy, type Proxy } from 'toxiproxy-node-client';
import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import { processStart } from '../../core/process-identity.ts';
import { readUndoFile, removeUndoFile, undoFileName, type UndoEntry } from './undo-log.ts';

const endWithinMs = 3_000;
const pollMs = 20;

export interface CleanedUp {
  /** Run folder of the lab that died. */
  readonly folder: string;
  readonly entry: UndoEntry;
  /** Why it could not be undone; it stays in the list then and is tried again by the next start. */
  readonly problem?: string;
}

/**
 * Undoes what labs that died in the middle of a fault have left behind: proxies and the gateway of services that
 * outlive a lab, hosts that were stopped. Lists of labs that are still at work are left alone. Never throws for
 * what it finds in a list.
 */
export async function cleanUpAfterDeadLabs(runsFolder: string, clock: Clock, signal: AbortSignal): Promise<CleanedUp[]> {
  const results: CleanedUp[] = [];
  for (const folder of foldersIn(runsFolder)) {
    const path = join(folder, undoFileName);
    try {
      const file = readUndoFile(path);
      if (file === undefined || processStart(file.pid) === file.started) continue;
      let problems = 0;
      // Latest first, as the lab itself would have done it.
      for (const entry of file.undo.toReversed()) {
        try {
          await undo(entry, clock, signal);
          results.push({ folder, entry });
        } catch (error) {
          signal.throwIfAborted();
          problems += 1;
          results.push({ folder, entry, problem: asError(error).message });
        }
      }
      if (problems === 0) removeUndoFile(path);
    } catch (error) {
      signal.throwIfAborted();
      // A list that cannot be read (a foreign file of that name) says nothing that could be undone.
      if (asError(error).name !== 'ZodError' && !(error instanceof SyntaxError)) throw error;
    }
  }
  return results;
}

function foldersIn(runsFolder: string): string[] {
  try {
    return readdirSync(runsFolder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [join(runsFolder, entry.name)] : []));
  } catch (error) {
    // A file where the folder should be holds no runs either; whoever wants to write there says so.
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

async function undo(entry: UndoEntry, clock: Clock, signal: AbortSignal): Promise<void> {
  switch (entry.kind) {
    case 'enable-proxy': {
      const proxy = await proxyOf(entry);
      await proxy?.update({ enabled: true, listen: proxy.listen, upstream: proxy.upstream });
      return;
    }
    case 'remove-toxic': {
      const proxy = await proxyOf(entry);
      if (proxy !== undefined) await (await proxy.getToxic(entry.toxic).catch(notFound))?.remove();
      return;
    }
    case 'clear-llm-faults': {
      const answer = await fetch(`${entry.gateway_url}/netra/faults`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ faults: [] }), signal }).catch(gone);
      if (answer !== undefined && !answer.ok) throw new Error(`the gateway answers with status ${answer.status}`);
      return;
    }
    case 'end-stopped-process':
      await endStopped(entry, clock, signal);
  }
}

/** undefined where Toxiproxy, or its proxy, is no longer there: nothing is broken then. */
function proxyOf({ toxiproxy_url, proxy }: { readonly toxiproxy_url: string; readonly proxy: string }): Promise<Proxy | undefined> {
  return new Toxiproxy(toxiproxy_url).get(proxy).catch(gone);
}

function gone(error: unknown): undefined {
  const { message, cause } = asError(error);
  if (message === 'fetch failed' || (cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED' || message.endsWith(' 404')) return undefined;
  throw error;
}

function notFound(error: unknown): undefined {
  if (asError(error).message.endsWith(' 404')) return undefined;
  throw error;
}

/** Woken up, a host finds its lab gone and ends by itself; one that does not is killed. */
async function endStopped({ pid, started }: { readonly pid: number; readonly started: string }, clock: Clock, signal: AbortSignal): Promise<void> {
  const isThere = (): boolean => processStart(pid) === started;
  if (!isThere()) return;
  process.kill(pid, 'SIGCONT');
  for (let waitedMs = 0; waitedMs < endWithinMs; waitedMs += pollMs) {
    if (!isThere()) return;
    await clock.sleep(pollMs, signal);
  }
  if (isThere()) process.kill(pid, 'SIGKILL');
}
