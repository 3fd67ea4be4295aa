import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProducerSequences } from '../../../../src/infra/embedded/kafka/log/producer-sequences.ts';
import { kafkaError } from '../../../../src/infra/embedded/kafka/protocol/kafka-error.ts';
import type { BatchHeader } from '../../../../src/infra/embedded/kafka/records/record-batch.ts';

const MAX_SEQUENCE = 2 ** 31 - 1;

function batch(baseSequence: number, recordCount = 1, producerEpoch = 0, producerId = 1): BatchHeader {
  return { recordCount, baseTimestampMs: 0, maxTimestampMs: 0, producerId, producerEpoch, baseSequence };
}

/** Judges and, where that is the verdict, appends at `offset`. */
function offer(sequences: ProducerSequences, header: BatchHeader, offset = 0): ReturnType<ProducerSequences['judge']> {
  const verdict = sequences.judge(header);
  if (verdict.kind === 'append') sequences.accept(header, offset);
  return verdict;
}

describe('ProducerSequences', () => {
  test('P01 batches in sequence get in, a gap does not', () => {
    const sequences = new ProducerSequences();
    expect(offer(sequences, batch(0, 3)).kind).toBe('append');
    expect(offer(sequences, batch(3)).kind).toBe('append');
    expect(offer(sequences, batch(5))).toEqual({ kind: 'refuse', error: kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER });
    expect(offer(sequences, batch(4)).kind).toBe('append');
  });

  test('P01 each of the last five batches is recognised with its offset; an older one is refused', () => {
    const sequences = new ProducerSequences();
    for (let index = 0; index < 6; index++) offer(sequences, batch(index * 10, 10), 1000 + index * 10);
    for (let index = 1; index < 6; index++) expect(offer(sequences, batch(index * 10, 10))).toEqual({ kind: 'duplicate', baseOffset: 1000 + index * 10 });
    expect(offer(sequences, batch(0, 10))).toEqual({ kind: 'refuse', error: kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER });
    expect(offer(sequences, batch(50, 9))).toEqual({ kind: 'refuse', error: kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER });
  });

  test('P01 a new epoch starts at zero and shuts the old one out', () => {
    const sequences = new ProducerSequences();
    offer(sequences, batch(0));
    expect(offer(sequences, batch(5, 1, 1))).toEqual({ kind: 'refuse', error: kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER });
    expect(offer(sequences, batch(0, 1, 1), 7)).toEqual({ kind: 'append' });
    expect(offer(sequences, batch(1, 1, 0))).toEqual({ kind: 'refuse', error: kafkaError.INVALID_PRODUCER_EPOCH });
    expect(offer(sequences, batch(0, 1, 1))).toEqual({ kind: 'duplicate', baseOffset: 7 });
  });

  test('P01 sequences wrap after 2^31-1', () => {
    const sequences = new ProducerSequences();
    offer(sequences, batch(MAX_SEQUENCE - 1, 4));
    expect(offer(sequences, batch(2)).kind).toBe('append');
    const exact = new ProducerSequences();
    offer(exact, batch(MAX_SEQUENCE));
    expect(offer(exact, batch(0)).kind).toBe('append');
  });

  test('P01 a producer without an id is never judged', () => {
    const sequences = new ProducerSequences();
    for (let index = 0; index < 3; index++) expect(offer(sequences, batch(-1, 1, -1, -1)).kind).toBe('append');
  });

  test('P01 of very many producers the one that was silent longest is forgotten, and may go on anywhere', () => {
    const sequences = new ProducerSequences();
    for (let producerId = 1; producerId <= 10_000; producerId++) offer(sequences, batch(0, 1, 0, producerId));
    offer(sequences, batch(1, 1, 0, 1));
    offer(sequences, batch(0, 1, 0, 10_001));
    expect([offer(sequences, batch(50, 1, 0, 1)).kind, offer(sequences, batch(50, 1, 0, 2)).kind]).toEqual(['refuse', 'append']);
  });

  test('P01 with batches sent again and again in any order, each is appended once and in order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 30 }), { maxLength: 200 }), (attempts) => {
        const sequences = new ProducerSequences();
        const appended: number[] = [];
        for (const sequence of attempts) {
          const first = appended.length === 0 ? 0 : sequence;
          if (offer(sequences, batch(first), appended.length).kind === 'append') appended.push(first);
        }
        expect(appended).toEqual(appended.map((_, index) => index));
      }),
    );
  });
});
