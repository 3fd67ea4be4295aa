import { firstRecordNotBefore } from '../records/record-timestamps.ts';
import { stampBatch, type BatchHeader } from '../records/record-batch.ts';

interface StoredBatch {
  readonly baseOffset: number;
  readonly nextOffset: number;
  readonly baseTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly bytes: Buffer;
}

/** Whole batches from one offset on; empty at the end of the log. */
export interface LogSlice {
  readonly batches: readonly Buffer[];
  readonly bytes: number;
}

export interface TimestampedOffset {
  readonly offset: number;
  readonly timestampMs: number;
}

/** Dropped batches are cut off the array only when they are this many and half of it: amortised O(1). */
const COMPACT_FROM = 64;

/**
 * The records of one partition in memory: an append-only run of batches whose offsets have no gaps.
 * `startOffset` only rises (retention, DeleteRecords), and only by whole batches leave memory; a start
 * within a batch hides the records before it from new reads of lower offsets, as in Kafka.
 */
export class PartitionLog {
  #batches: StoredBatch[] = [];
  #firstKept = 0;
  #startOffset = 0;
  #endOffset = 0;
  #bytes = 0;

  get startOffset(): number {
    return this.#startOffset;
  }

  /** The offset of the next record: with one replica also the high watermark. */
  get endOffset(): number {
    return this.#endOffset;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get batchCount(): number {
    return this.#batches.length - this.#firstKept;
  }

  /** Stores a copy of a batch that `checkRecordSet` accepted; returns its base offset. */
  append(recordSet: Buffer, header: BatchHeader): number {
    const baseOffset = this.#endOffset;
    this.#endOffset += header.recordCount;
    this.#bytes += recordSet.length;
    this.#batches.push({
      baseOffset,
      nextOffset: this.#endOffset,
      baseTimestampMs: header.baseTimestampMs,
      maxTimestampMs: header.maxTimestampMs,
      bytes: stampBatch(recordSet, baseOffset),
    });
    return baseOffset;
  }

  /**
   * Batches from the one that holds `offset` on, as many as fit in `maxBytes`; the first one always
   * where `atLeastOne`, or a batch larger than the limit could never be read. undefined: out of range.
   */
  read(offset: number, maxBytes: number, atLeastOne: boolean): LogSlice | undefined {
    if (offset < this.#startOffset || offset > this.#endOffset) return undefined;
    const batches: Buffer[] = [];
    let bytes = 0;
    for (let index = this.#indexOf(offset); index < this.#batches.length; index++) {
      const batch = (this.#batches[index] as StoredBatch).bytes;
      if (bytes + batch.length > maxBytes && !(atLeastOne && batches.length === 0)) break;
      batches.push(batch);
      bytes += batch.length;
    }
    return { batches, bytes };
  }

  /** The first record with a timestamp of at least `timestampMs`; undefined when there is none. */
  offsetForTimestamp(timestampMs: number): TimestampedOffset | undefined {
    for (let index = this.#firstKept; index < this.#batches.length; index++) {
      const batch = this.#batches[index] as StoredBatch;
      if (batch.maxTimestampMs < timestampMs) continue;
      const record = firstRecordNotBefore(batch.bytes, batch.baseTimestampMs, timestampMs);
      const offset = batch.baseOffset + (record?.offsetDelta ?? 0);
      return { offset: Math.max(offset, this.#startOffset), timestampMs: record?.timestampMs ?? batch.maxTimestampMs };
    }
    return undefined;
  }

  /** Raises the start to `offset` (at most the end). */
  deleteBefore(offset: number): void {
    this.#startOffset = Math.min(Math.max(offset, this.#startOffset), this.#endOffset);
    while (this.batchCount > 0 && (this.#batches[this.#firstKept] as StoredBatch).nextOffset <= this.#startOffset) this.#dropFirst();
  }

  /** Drops the oldest batch and returns its size; 0 where only the newest is left, which is kept for whoever waits for it. */
  dropOldest(): number {
    if (this.batchCount < 2) return 0;
    const dropped = this.#dropFirst();
    this.#startOffset = Math.max(this.#startOffset, dropped.nextOffset);
    return dropped.bytes.length;
  }

  /** Drops oldest batches until `maxBytes` are left, or only the newest; returns how much that freed. */
  shrinkTo(maxBytes: number): number {
    const before = this.#bytes;
    while (this.#bytes > maxBytes && this.dropOldest() > 0);
    return before - this.#bytes;
  }

  #dropFirst(): StoredBatch {
    const dropped = this.#batches[this.#firstKept] as StoredBatch;
    this.#bytes -= dropped.bytes.length;
    this.#firstKept++;
    if (this.#firstKept >= COMPACT_FROM && this.#firstKept * 2 >= this.#batches.length) {
      this.#batches = this.#batches.slice(this.#firstKept);
      this.#firstKept = 0;
    }
    return dropped;
  }

  /** Binary search for the batch that holds `offset`; the array's length at the end of the log. */
  #indexOf(offset: number): number {
    let low = this.#firstKept;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#batches[middle] as StoredBatch).nextOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
