import { createHash } from 'node:crypto';
import type { SectionName } from '../../jobs/job.ts';

/** Encoded ids longer than this are replaced by their hash. */
const maxEncodedIdLength = 200;
/** Starts a hashed id. The encoder never leaves it in an id, so no id can pass for another one's hash. */
const hashMark = '~';

/**
 * One id as a component of a key: every byte but letters, digits, `.`, `_` and `-` percent-encoded
 * (so that no `:`, `{`, `}`, `*` or NUL of an id means anything in a key), a lone surrogate as
 * `%u` and its code unit, and a SHA-256 in place of what would be longer than 200 characters. Two ids never
 * give one component.
 */
export function encodeId(id: string): string {
  const encoded = id.replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]|[^A-Za-z0-9._-]/g, (character) => {
    const isLoneSurrogate = character.length === 1 && /[\uD800-\uDFFF]/.test(character);
    if (isLoneSurrogate) return `%u${character.charCodeAt(0).toString(16).toUpperCase()}`;
    return Array.from(Buffer.from(character, 'utf8'), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
  });
  return encoded.length <= maxEncodedIdLength ? encoded : `${hashMark}${createHash('sha256').update(encoded).digest('hex')}`;
}

/** All keys of one run carry the hash tag `{<user>:<run>}`: one slot of a Redis Cluster, so one script may write them together. */
export interface CheckpointKeys {
  /** Hash: fencing token, nonce, completed sections. */
  readonly progress: string;
  section(section: SectionName): string;
  /** A large section's content; `version` makes it immutable. */
  blob(section: SectionName, version: string): string;
}

export function checkpointKeys(userId: string, runId: string): CheckpointKeys {
  const tag = `{${encodeId(userId)}:${encodeId(runId)}}`;
  return {
    progress: `report_checkpoint:progress:${tag}`,
    section: (section) => `report_checkpoint:${tag}:${section}`,
    blob: (section, version) => `report_checkpoint:${tag}:${section}:blob:${version}`,
  };
}
