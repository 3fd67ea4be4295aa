import { kafkaError, type KafkaErrorCode } from '../protocol/kafka-error.ts';
import type { BatchHeader } from '../records/record-batch.ts';

/** A client may have this many batches in flight (KIP-98), so this many must be recognised when they are sent again. */
const REMEMBERED_BATCHES = 5;
/** Least recently used producers are forgotten beyond this, as Kafka does by age. */
const MAX_PRODUCERS = 10_000;
const SEQUENCES = 2 ** 31;

interface AcceptedBatch {
  readonly baseSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
}

interface ProducerState {
  readonly epoch: number;
  readonly recent: readonly AcceptedBatch[];
}

export type SequenceVerdict =
  | { readonly kind: 'append' }
  | { readonly kind: 'duplicate'; readonly baseOffset: number }
  | { readonly kind: 'refuse'; readonly error: KafkaErrorCode };

/** What one partition knows of idempotent producers: exactly the batches in sequence get in, each once (KIP-98, KIP-360). */
export class ProducerSequences {
  readonly #producers = new Map<number, ProducerState>();

  judge(batch: BatchHeader): SequenceVerdict {
    if (batch.producerId < 0) return { kind: 'append' };
    if (batch.producerEpoch < 0 || batch.baseSequence < 0) return { kind: 'refuse', error: kafkaError.INVALID_RECORD };
    const known = this.#producers.get(batch.producerId);
    // A producer that was forgotten, or that is new to this partition, may start anywhere (KIP-360).
    if (known === undefined) return { kind: 'append' };
    if (batch.producerEpoch < known.epoch) return { kind: 'refuse', error: kafkaError.INVALID_PRODUCER_EPOCH };
    if (batch.producerEpoch > known.epoch) {
      return batch.baseSequence === 0 ? { kind: 'append' } : { kind: 'refuse', error: kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER };
    }
    const lastSequence = lastSequenceOf(batch);
    const sentBefore = known.recent.find((accepted) => accepted.baseSequence === batch.baseSequence && accepted.lastSequence === lastSequence);
    if (sentBefore !== undefined) return { kind: 'duplicate', baseOffset: sentBefore.baseOffset };
    const expected = ((known.recent.at(-1) as AcceptedBatch).lastSequence + 1) % SEQUENCES;
    return batch.baseSequence === expected ? { kind: 'append' } : { kind: 'refuse', error: kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER };
  }

  /** To be called with each batch that was appended after `judge` said so. */
  accept(batch: BatchHeader, baseOffset: number): void {
    if (batch.producerId < 0) return;
    const known = this.#producers.get(batch.producerId);
    const earlier = known?.epoch === batch.producerEpoch ? known.recent : [];
    const accepted = { baseSequence: batch.baseSequence, lastSequence: lastSequenceOf(batch), baseOffset };
    this.#producers.delete(batch.producerId);
    this.#producers.set(batch.producerId, { epoch: batch.producerEpoch, recent: [...earlier.slice(1 - REMEMBERED_BATCHES), accepted] });
    if (this.#producers.size > MAX_PRODUCERS) {
      for (const leastRecentlyUsed of this.#producers.keys()) {
        this.#producers.delete(leastRecentlyUsed);
        break;
      }
    }
  }
}

/** Sequences wrap from 2^31-1 to 0. */
function lastSequenceOf(batch: BatchHeader): number {
  return (batch.baseSequence + batch.recordCount - 1) % SEQUENCES;
}
