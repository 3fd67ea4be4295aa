import { kafkaError, type KafkaErrorCode } from '../protocol/kafka-error.ts';
import { crc32c } from './crc32c.ts';

/**
 * RecordBatch (magic 2) =>
 *   base_offset            INT64   @0   set by the broker
 *   batch_length           INT32   @8   bytes after this field
 *   partition_leader_epoch INT32   @12  set by the broker
 *   magic                  INT8    @16
 *   crc                    UINT32  @17  CRC-32C from attributes to the end: offset and epoch may be rewritten
 *   attributes             INT16   @21  0-2 compression, 3 timestamp type, 4 transactional, 5 control
 *   last_offset_delta      INT32   @23
 *   base_timestamp         INT64   @27
 *   max_timestamp          INT64   @35
 *   producer_id            INT64   @43
 *   producer_epoch         INT16   @51
 *   base_sequence          INT32   @53
 *   records_count          INT32   @57
 *   records                        @61  compressed as a whole where attributes say so
 */
const LENGTH_AT = 8;
const LEADER_EPOCH_AT = 12;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const HEADER_BYTES = 61;
const MAGIC = 2;
const COMPRESSION_MASK = 0x07;
const HIGHEST_COMPRESSION = 4;
const TRANSACTIONAL_FLAG = 0x10;
const CONTROL_FLAG = 0x20;

/** What a broker needs of a batch's header; the records stay bytes. */
export interface BatchHeader {
  readonly recordCount: number;
  readonly baseTimestampMs: number;
  readonly maxTimestampMs: number;
  /** -1: the producer is not idempotent. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

export type BatchCheck = { readonly ok: true; readonly header: BatchHeader } | { readonly ok: false; readonly error: KafkaErrorCode };

/**
 * Judges the record set of one partition in a Produce request, which since version 3 is exactly
 * one batch. What is inside the records is left to consumers, as it may be compressed.
 */
export function checkRecordSet(recordSet: Buffer): BatchCheck {
  if (recordSet.length < HEADER_BYTES) return refuse(kafkaError.CORRUPT_MESSAGE);
  if (recordSet.readInt8(MAGIC_AT) !== MAGIC) return refuse(kafkaError.INVALID_RECORD);
  const batchBytes = LEADER_EPOCH_AT + recordSet.readInt32BE(LENGTH_AT);
  if (batchBytes < HEADER_BYTES || batchBytes > recordSet.length) return refuse(kafkaError.CORRUPT_MESSAGE);
  if (batchBytes < recordSet.length) return refuse(kafkaError.INVALID_RECORD);
  if (crc32c(recordSet.subarray(ATTRIBUTES_AT)) !== recordSet.readUInt32BE(CRC_AT)) return refuse(kafkaError.CORRUPT_MESSAGE);
  const attributes = recordSet.readInt16BE(ATTRIBUTES_AT);
  const recordCount = recordSet.readInt32BE(57);
  const countsDisagree = recordCount <= 0 || recordSet.readInt32BE(23) !== recordCount - 1;
  if (countsDisagree || (attributes & CONTROL_FLAG) !== 0 || (attributes & COMPRESSION_MASK) > HIGHEST_COMPRESSION) return refuse(kafkaError.INVALID_RECORD);
  if ((attributes & TRANSACTIONAL_FLAG) !== 0) return refuse(kafkaError.INVALID_TXN_STATE);
  return {
    ok: true,
    header: {
      recordCount,
      baseTimestampMs: Number(recordSet.readBigInt64BE(27)),
      maxTimestampMs: Number(recordSet.readBigInt64BE(35)),
      producerId: Number(recordSet.readBigInt64BE(43)),
      producerEpoch: recordSet.readInt16BE(51),
      baseSequence: recordSet.readInt32BE(53),
    },
  };
}

/** A copy of the batch as it is stored: own memory, so that a stored batch never keeps a whole request alive. */
export function stampBatch(recordSet: Buffer, baseOffset: number): Buffer {
  // Not from Node's shared pool, for the same reason.
  const stored = Buffer.allocUnsafeSlow(recordSet.length);
  recordSet.copy(stored);
  stored.writeBigInt64BE(BigInt(baseOffset), 0);
  stored.writeInt32BE(0, LEADER_EPOCH_AT);
  return stored;
}

/** Compression codec (0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd) and the record bytes of a checked batch. */
export function recordsOf(batch: Buffer): { readonly codec: number; readonly records: Buffer } {
  return { codec: batch.readInt16BE(ATTRIBUTES_AT) & COMPRESSION_MASK, records: batch.subarray(HEADER_BYTES) };
}

function refuse(error: KafkaErrorCode): BatchCheck {
  return { ok: false, error };
}
