import type { Redis } from 'ioredis';
import { asError } from '../../../core/errors.ts';
import type { SectionName } from '../../jobs/job.ts';
import { CheckpointDamagedError } from '../error-codes.ts';
import type { CheckpointKeys } from './checkpoint-keys.ts';
import { parseProgress } from './checkpoint-progress.ts';
import { parsePointer, readCheckpoint, type ReadCheckpoint } from './checkpoint-record.ts';

export interface StoredCheckpoint {
  readonly section: SectionName;
  readonly text: string;
  readonly read: ReadCheckpoint;
}

/** What the progress record names, read and judged; three exchanges at most, and no KEYS or SCAN. */
export async function readStoredCheckpoints(client: Redis, keys: CheckpointKeys, wanted: readonly SectionName[], plan: string): Promise<StoredCheckpoint[]> {
  const completed = parseProgress(await client.hgetall(keys.progress))?.progress.completed_sections ?? [];
  const sections = completed.filter((section) => wanted.includes(section));
  if (sections.length === 0) return [];
  const texts = await client.mget(sections.map((section) => keys.section(section)));
  const located = sections.map((section, index) => locate(keys, section, texts[index] ?? null));
  const blobKeys = located.flatMap((each) => (each.blob === undefined ? [] : [each.blob]));
  const blobs = blobKeys.length === 0 ? [] : await client.mget(blobKeys);
  const blobText = new Map(blobKeys.map((key, index) => [key, blobs[index] ?? null]));
  return located.map(({ section, text, blob, error }) => {
    if (error !== undefined) return { section, text: '', read: { kind: 'damaged', error } };
    const record = blob === undefined ? text : (blobText.get(blob) ?? null);
    if (record === null) return { section, text: '', read: { kind: 'damaged', error: gone(section, blob) } };
    return { section, text: record, read: readCheckpoint(section, record, plan) };
  });
}

interface Located {
  readonly section: SectionName;
  readonly text: string | null;
  readonly blob?: string;
  readonly error?: CheckpointDamagedError;
}

function locate(keys: CheckpointKeys, section: SectionName, text: string | null): Located {
  if (text === null) return { section, text };
  try {
    const pointer = parsePointer(section, text);
    // A pointer is data: one that leads out of this run must not show another user's report.
    if (pointer !== undefined && !pointer.blob.startsWith(keys.blob(section, ''))) return { section, text, error: new CheckpointDamagedError(`Checkpoint of ${section}: its pointer leads out of the run.`) };
    return { section, text, ...(pointer === undefined ? {} : { blob: pointer.blob }) };
  } catch (error) {
    return { section, text, error: error instanceof CheckpointDamagedError ? error : new CheckpointDamagedError(asError(error).message, { cause: error }) };
  }
}

/** Never "absent, so go on": a record that progress or a pointer names and that is not there was lost. */
function gone(section: SectionName, blob: string | undefined): CheckpointDamagedError {
  return new CheckpointDamagedError(`Checkpoint of ${section}: ${blob === undefined ? 'the progress record names it, but it is gone' : `its content ${blob} is gone`}.`);
}
