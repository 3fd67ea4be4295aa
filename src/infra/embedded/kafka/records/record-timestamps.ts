import { gunzipSync } from 'node:zlib';
import { recordsOf } from './record-batch.ts';

const NO_COMPRESSION = 0;
const GZIP = 1;
/** Enough for any batch a producer may send, little enough that a hostile one cannot fill memory. */
const MAX_INFLATED_BYTES = 64 * 1024 * 1024;

export interface RecordPosition {
  readonly offsetDelta: number;
  readonly timestampMs: number;
}

/**
 * The first record of a batch that is not older than `timestampMs`; undefined where there is none or where
 * the records cannot be read (another codec, damaged contents): the caller then has the batch alone to go by.
 *
 * Record => length VARINT, attributes INT8, timestamp_delta VARLONG, offset_delta VARINT, key, value, headers
 */
export function firstRecordNotBefore(batch: Buffer, baseTimestampMs: number, timestampMs: number): RecordPosition | undefined {
  const records = readableRecords(batch);
  if (records === undefined) return undefined;
  let at = 0;
  while (at < records.length) {
    const length = readVarint(records, at);
    if (length === undefined || length.value <= 0) return undefined;
    const delta = readVarint(records, length.end + 1);
    const offset = delta && readVarint(records, delta.end);
    if (delta === undefined || offset === undefined) return undefined;
    const recordTimestampMs = baseTimestampMs + delta.value;
    if (recordTimestampMs >= timestampMs) return { offsetDelta: offset.value, timestampMs: recordTimestampMs };
    at = length.end + length.value;
  }
  return undefined;
}

function readableRecords(batch: Buffer): Buffer | undefined {
  const { codec, records } = recordsOf(batch);
  if (codec === NO_COMPRESSION) return records;
  if (codec !== GZIP) return undefined;
  try {
    return gunzipSync(records, { maxOutputLength: MAX_INFLATED_BYTES });
  } catch {
    // The producer's own contents are damaged: answered by batch, the consumer will be told when it reads it.
    return undefined;
  }
}

/** Zigzag base-128; multiplication instead of shifts, since timestamps exceed 32 bits. */
function readVarint(bytes: Buffer, from: number): { readonly value: number; readonly end: number } | undefined {
  let raw = 0;
  let scale = 1;
  for (let at = from; at < bytes.length && at < from + 10; at++) {
    const byte = bytes[at] as number;
    raw += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value: raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2, end: at + 1 };
    scale *= 128;
  }
  return undefined;
}
