import { hash } from 'node:crypto';
import { z } from 'zod';
import { sectionContentSchema, sectionNames, type SectionContent, type SectionName } from '../../jobs/job.ts';
import { CheckpointDamagedError } from '../error-codes.ts';

/**
 * A checkpoint is three lines of text:
 *
 *     <sha256 of everything after this line's newline, 64 hex digits>
 *     <header, one line of JSON>
 *     <section content, JSON>
 *
 * Content is kept apart from the header, so that it is serialised and hashed once only. Any other
 * layout needs another `v`; a record with a `v` that is not known is foreign and stays untouched.
 */
export const checkpointSchemaVersion = 1;

const headerSchema = z.object({
  v: z.literal(checkpointSchemaVersion),
  section: z.enum(sectionNames),
  /** Hash of what the section was written from; see `planHash`. */
  plan: z.string(),
  token: z.int().min(1),
  /** Wall clock of the writer, milliseconds since the Unix epoch. */
  saved_at: z.number(),
});
type CheckpointHeader = z.infer<typeof headerSchema>;

/** A large section: the record itself is at `blob`. */
const pointerSchema = z.object({ v: z.literal(checkpointSchemaVersion), blob: z.string(), bytes: z.int().min(1), sha256: z.string() });
export type CheckpointPointer = z.infer<typeof pointerSchema>;

/** 64 hex digits and the newline. */
const checksumLineLength = 65;
/**
 * From here on a record is put together as bytes: as text it would be copied for each joining and again for
 * the socket, and the garbage of a few large sections stops the process for milliseconds. Below, text is faster.
 */
const bufferFromBytes = 65_536;

/** What stands first in a pointer; a record starts with a hex digit. */
const pointerMark = '@';

export interface SerializedCheckpoint {
  readonly section: SectionName;
  /** The three lines; bytes instead of text where they are many, see `bufferFromBytes`. */
  readonly payload: string | Buffer;
  readonly bytes: number;
  readonly sha256: string;
}

export type ReadCheckpoint =
  | { readonly kind: 'valid'; readonly content: SectionContent; readonly savedAt: number; readonly token: number }
  /** Whole, but written from other data, by another version, or for another section. */
  | { readonly kind: 'foreign'; readonly detail: string }
  | { readonly kind: 'damaged'; readonly error: CheckpointDamagedError };

export function serializeCheckpoint(header: Omit<CheckpointHeader, 'v'>, content: SectionContent): SerializedCheckpoint {
  const head = `${JSON.stringify({ v: checkpointSchemaVersion, ...header })}\n`;
  const body = JSON.stringify(content);
  const checkedBytes = Buffer.byteLength(head) + Buffer.byteLength(body);
  const bytes = checksumLineLength + checkedBytes;
  if (bytes < bufferFromBytes) {
    const checked = head + body;
    const sha256 = hash('sha256', checked);
    return { section: header.section, payload: `${sha256}\n${checked}`, bytes, sha256 };
  }
  const payload = Buffer.allocUnsafe(bytes);
  const headEnd = checksumLineLength + payload.write(head, checksumLineLength);
  payload.write(body, headEnd);
  const sha256 = hash('sha256', payload.subarray(checksumLineLength));
  payload.write(`${sha256}\n`, 0, 'latin1');
  return { section: header.section, payload, bytes, sha256 };
}

export function serializePointer(pointer: Omit<CheckpointPointer, 'v'>): string {
  return `${pointerMark}${JSON.stringify({ v: checkpointSchemaVersion, ...pointer })}`;
}

/** The pointer in `text`; undefined where it is a record itself. Throws CheckpointDamagedError for a broken pointer. */
export function parsePointer(section: SectionName, text: string): CheckpointPointer | undefined {
  if (!text.startsWith(pointerMark)) return undefined;
  const parsed = pointerSchema.safeParse(parseJson(text.slice(1)));
  if (!parsed.success) throw new CheckpointDamagedError(`Checkpoint of ${section}: its pointer cannot be read.`);
  return parsed.data;
}

export function readCheckpoint(section: SectionName, text: string, plan: string): ReadCheckpoint {
  const damaged = (why: string): ReadCheckpoint => ({ kind: 'damaged', error: new CheckpointDamagedError(`Checkpoint of ${section}: ${why}.`) });
  const bodyAt = text.indexOf('\n') + 1;
  const contentAt = text.indexOf('\n', bodyAt) + 1;
  if (bodyAt === 0 || contentAt === 0) return damaged('it is cut off before its content');
  if (hash('sha256', text.slice(bodyAt)) !== text.slice(0, bodyAt - 1)) return damaged('its checksum does not match');
  const rawHeader = parseJson(text.slice(bodyAt, contentAt - 1));
  const header = headerSchema.safeParse(rawHeader);
  if (!header.success) return { kind: 'foreign', detail: `written by another version of the format: ${JSON.stringify(rawHeader)?.slice(0, 200)}` };
  if (header.data.section !== section) return { kind: 'foreign', detail: `it holds ${header.data.section}` };
  if (header.data.plan !== plan) return { kind: 'foreign', detail: 'written from another question, period, strategy, model or other facts' };
  const content = sectionContentSchema.safeParse(parseJson(text.slice(contentAt)));
  if (!content.success) return damaged('its content is no section');
  return { kind: 'valid', content: content.data, savedAt: header.data.saved_at, token: header.data.token };
}

/** Undefined for what is no JSON; the schema then refuses it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
