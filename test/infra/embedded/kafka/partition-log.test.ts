import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PartitionLog } from '../../../../src/infra/embedded/kafka/log/partition-log.ts';
import { TopicStore } from '../../../../src/infra/embedded/kafka/log/topic-store.ts';
import { kafkaError } from '../../../../src/infra/embedded/kafka/protocol/kafka-error.ts';
import { crc32c } from '../../../../src/infra/embedded/kafka/records/crc32c.ts';
import { checkRecordSet, type BatchHeader } from '../../../../src/infra/embedded/kafka/records/record-batch.ts';
import { batchOf, signed, type BatchFields } from './record-batches.ts';

function append(log: PartitionLog, fields: BatchFields): number {
  const batch = batchOf(fields);
  const check = checkRecordSet(batch);
  if (!check.ok) throw new Error(`refused with ${check.error}`);
  return log.append(batch, check.header);
}

const range = (batch: Buffer): readonly [number, number] => {
  const base = Number(batch.readBigInt64BE(0));
  return [base, base + batch.readInt32BE(57)];
};

/** A batch with a fault that its checksum does not show. */
function damaged(change: (batch: Buffer) => void): Buffer {
  const batch = batchOf();
  change(batch);
  return signed(batch);
}

function newStore(retentionBytes: number): TopicStore {
  return new TopicStore({
    defaultPartitions: 1,
    retentionBytes,
    onListenerError: (error) => {
      throw error;
    },
  });
}

describe('PartitionLog', () => {
  test('P01 whatever is appended, dropped and deleted, what can be read has no gap, no overlap, and all bytes as they came', () => {
    const action = fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('append' as const), amount: fc.integer({ min: 1, max: 5 }) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('drop' as const, 'delete' as const), amount: fc.nat({ max: 400 }) }) },
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
        const log = new PartitionLog();
        const baseOffsets: [number, number][] = [];
        let next = 0;
        for (const { kind, amount } of actions) {
          const before = log.startOffset;
          if (kind === 'append') {
            baseOffsets.push([append(log, { recordCount: amount, payloadBytes: amount }), next]);
            next += amount;
          } else if (kind === 'drop') log.dropOldest();
          else log.deleteBefore(amount);
          expect(log.endOffset).toBe(next);
          expect(log.startOffset).toBeGreaterThanOrEqual(before);
          expect(log.startOffset).toBeLessThanOrEqual(next);
        }
        for (const [given, expected] of baseOffsets) expect(given).toBe(expected);
        const { batches, bytes } = log.read(log.startOffset, Infinity, true) ?? { batches: [], bytes: -1 };
        expect(bytes).toBe(log.bytes);
        expect(batches.length).toBe(log.batchCount);
        let expected = batches.length === 0 ? next : range(batches[0] as Buffer)[0];
        expect(expected).toBeLessThanOrEqual(log.startOffset);
        for (const batch of batches) {
          const [base, end] = range(batch);
          expect(base).toBe(expected);
          expect(crc32c(batch.subarray(21))).toBe(batch.readUInt32BE(17));
          expected = end;
        }
        expect(expected).toBe(next);
      }),
      { numRuns: 300 },
    );
  });

  test('P01 every offset is found in the batch that holds it, after hundreds of batches came and went', () => {
    const log = new PartitionLog();
    for (let index = 0; index < 500; index++) append(log, { recordCount: 3 });
    for (let index = 0; index < 300; index++) log.dropOldest();
    expect(log.startOffset).toBe(900);
    for (let offset = 900; offset < 1500; offset++) {
      const [batch] = log.read(offset, 1, true)?.batches ?? [];
      const [base, end] = range(batch as Buffer);
      expect(base <= offset && offset < end).toBe(true);
    }
    expect(log.read(899, 1, true)).toBeUndefined();
    expect(log.read(1500, 1, true)).toEqual({ batches: [], bytes: 0 });
    expect(log.read(1501, 1, true)).toBeUndefined();
  });

  test('P01 a read keeps to its limit, and breaks it only for a first batch that must be delivered', () => {
    const log = new PartitionLog();
    for (let index = 0; index < 4; index++) append(log, { payloadBytes: 39 });
    expect(log.read(0, 250, true)?.bytes).toBe(200);
    expect(log.read(0, 99, true)?.bytes).toBe(100);
    expect(log.read(0, 99, false)?.bytes).toBe(0);
  });

  test('P01 a time is looked up by batch where the records cannot be read', () => {
    const log = new PartitionLog();
    append(log, { recordCount: 2, timestampMs: 1000, attributes: 2 });
    append(log, { recordCount: 2, timestampMs: 2000, attributes: 2 });
    expect(log.offsetForTimestamp(1500)).toEqual({ offset: 2, timestampMs: 2000 });
    expect(log.offsetForTimestamp(2001)).toBeUndefined();
  });
});

describe('record batches', () => {
  test('P01 CRC-32C has the check value of its definition', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  });

  test('P01 any flipped bit in what the checksum covers is noticed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 17 * 8, max: 71 * 8 - 1 }), (bit) => {
        const batch = batchOf();
        batch[bit >> 3] = (batch[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(checkRecordSet(batch)).toEqual({ ok: false, error: kafkaError.CORRUPT_MESSAGE });
      }),
    );
  });

  test.each([
    ['too short for a header', batchOf().subarray(0, 60), kafkaError.CORRUPT_MESSAGE],
    ['cut off', batchOf().subarray(0, 65), kafkaError.CORRUPT_MESSAGE],
    ['a negative length', damaged((batch) => batch.writeInt32BE(-1, 8)), kafkaError.CORRUPT_MESSAGE],
    ['an old message format', damaged((batch) => batch.writeInt8(1, 16)), kafkaError.INVALID_RECORD],
    ['two batches in one', Buffer.concat([batchOf(), batchOf()]), kafkaError.INVALID_RECORD],
    ['no records', batchOf({ recordCount: 0 }), kafkaError.INVALID_RECORD],
    ['a record count that disagrees with the offsets', damaged((batch) => batch.writeInt32BE(7, 57)), kafkaError.INVALID_RECORD],
    ['a control batch', batchOf({ attributes: 0x20 }), kafkaError.INVALID_RECORD],
    ['an unknown compression', batchOf({ attributes: 5 }), kafkaError.INVALID_RECORD],
    ['a transactional batch', batchOf({ attributes: 0x10 }), kafkaError.INVALID_TXN_STATE],
  ])('P01 a record set is refused: %s', (_what, recordSet, error) => {
    expect(checkRecordSet(recordSet)).toEqual({ ok: false, error });
  });

  test('P01 the header is read as it was written', () => {
    const check = checkRecordSet(batchOf({ recordCount: 3, timestampMs: 1_700_000_000_123, producerId: 7, producerEpoch: 2, baseSequence: 40 })) as { header: BatchHeader };
    expect(check.header).toEqual({ recordCount: 3, baseTimestampMs: 1_700_000_000_123, maxTimestampMs: 1_700_000_000_123, producerId: 7, producerEpoch: 2, baseSequence: 40 });
  });
});

describe('retention', () => {
  test('P01 memory stays within the limit; the largest partition pays, and a quiet one keeps what it has', () => {
    const store = newStore(10_000);
    const quiet = store.create('quiet');
    const busy = store.create('busy');
    store.append(quiet, quiet.partitions[0]!, batchOf({ payloadBytes: 939 }));
    for (let index = 0; index < 100; index++) store.append(busy, busy.partitions[0]!, batchOf({ payloadBytes: 939 }));
    expect(store.bytes).toBe(10_000);
    expect(quiet.partitions[0]!.log.startOffset).toBe(0);
    expect(busy.partitions[0]!.log.startOffset).toBe(91);
    expect(busy.partitions[0]!.log.endOffset).toBe(100);
  });

  test('P01 the newest batch outlives any limit', () => {
    const store = newStore(10);
    const topic = store.create('topic');
    for (let index = 0; index < 3; index++) store.append(topic, topic.partitions[0]!, batchOf({ payloadBytes: 939 }));
    expect(topic.partitions[0]!.log.read(2, 1, true)?.batches.length).toBe(1);
    expect(store.bytes).toBe(1000);
  });

  test("P01 a topic's own retention.bytes bounds each of its partitions", () => {
    const store = newStore(1_000_000);
    const topic = store.create('topic', 1, new Map([['retention.bytes', '2500']]));
    for (let index = 0; index < 10; index++) store.append(topic, topic.partitions[0]!, batchOf({ payloadBytes: 939 }));
    expect(topic.partitions[0]!.log.startOffset).toBe(8);
    expect(store.bytes).toBe(2000);
  });

  test('P01 the bytes of deleted topics and deleted records are given back', () => {
    const store = newStore(1_000_000);
    const topic = store.create('topic');
    for (let index = 0; index < 10; index++) store.append(topic, topic.partitions[0]!, batchOf({ payloadBytes: 939 }));
    store.deleteRecordsBefore(topic.partitions[0]!, 4);
    expect(store.bytes).toBe(6000);
    store.delete('topic');
    expect(store.bytes).toBe(0);
  });
});
