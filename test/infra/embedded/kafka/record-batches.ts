import { crc32c } from '../../../../src/infra/embedded/kafka/records/crc32c.ts';

export interface BatchFields {
  readonly recordCount?: number;
  readonly timestampMs?: number;
  readonly attributes?: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly payloadBytes?: number;
}

/** A record batch with a sound header and CRC; its records are padding. */
export function batchOf({ recordCount = 1, timestampMs = 0, attributes = 0, producerId = -1, producerEpoch = -1, baseSequence = -1, payloadBytes = 10 }: BatchFields = {}): Buffer {
  const batch = Buffer.alloc(61 + payloadBytes);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt8(2, 16);
  batch.writeInt16BE(attributes, 21);
  batch.writeInt32BE(recordCount - 1, 23);
  batch.writeBigInt64BE(BigInt(timestampMs), 27);
  batch.writeBigInt64BE(BigInt(timestampMs), 35);
  batch.writeBigInt64BE(BigInt(producerId), 43);
  batch.writeInt16BE(producerEpoch, 51);
  batch.writeInt32BE(baseSequence, 53);
  batch.writeInt32BE(recordCount, 57);
  return signed(batch);
}

/** The same bytes with the checksum that they need. */
export function signed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}
