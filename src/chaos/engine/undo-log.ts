import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const undoEntry = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('enable-proxy'), toxiproxy_url: z.string(), proxy: z.string() }),
  z.object({ kind: z.literal('remove-toxic'), toxiproxy_url: z.string(), proxy: z.string(), toxic: z.string() }),
  z.object({ kind: z.literal('clear-llm-faults'), gateway_url: z.string() }),
  /** `started` tells this process from a later one with the same id; see `processStart`. */
  z.object({ kind: z.literal('end-stopped-process'), pid: z.int(), started: z.string() }),
]);

/** What is left to be done after a lab that could not heal, as data: another process carries it out. */
export type UndoEntry = z.infer<typeof undoEntry>;

const undoFile = z.object({ v: z.literal(1), pid: z.int(), started: z.string(), undo: z.array(undoEntry) });
export type UndoFile = z.infer<typeof undoFile>;

/** Of a lab that heals what it broke the file is gone; one that is left belongs to a dead lab, or to one at work. */
export const undoFileName = 'healing.json';

export interface UndoLogOptions {
  readonly path: string;
  /** The lab that is at work, see `processStart`. */
  readonly owner: { readonly pid: number; readonly started: string };
  /** Services are the lab's own children: with it they are gone, and only processes that were stopped are left. */
  readonly servicesEndWithLab: boolean;
}

/**
 * The undo list on disk. Written before a fault acts and shortened after it was healed, so that it never
 * misses anything; undoing twice does no harm.
 */
export class UndoLog {
  readonly #options: UndoLogOptions;
  readonly #entries = new Map<symbol, UndoEntry>();

  constructor(options: UndoLogOptions) {
    this.#options = options;
  }

  /** Returns how to strike the entry off, once the fault has been healed. Throws the file system's error. */
  add(entry: UndoEntry): () => void {
    if (this.#options.servicesEndWithLab && entry.kind !== 'end-stopped-process') return () => undefined;
    const key = Symbol(entry.kind);
    this.#entries.set(key, entry);
    this.#write();
    return () => {
      if (this.#entries.delete(key)) this.#write();
    };
  }

  #write(): void {
    const { path, owner } = this.#options;
    if (this.#entries.size === 0) {
      removeUndoFile(path);
      return;
    }
    const file: UndoFile = { v: 1, ...owner, undo: [...this.#entries.values()] };
    mkdirSync(dirname(path), { recursive: true });
    // Never half a file: a lab may die between any two statements.
    writeFileSync(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`);
    renameSync(`${path}.new`, path);
  }
}

/** With its folder, where nothing else is in it: a run that writes elsewhere has none here. */
export function removeUndoFile(path: string): void {
  rmSync(path, { force: true });
  try {
    rmdirSync(dirname(path));
  } catch {
    // As a rule it is the run's own and full of other things; one that stays empty does no harm.
  }
}

/** Throws where the file is none of ours; undefined where there is none. */
export function readUndoFile(path: string): UndoFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return undoFile.parse(JSON.parse(text));
}
