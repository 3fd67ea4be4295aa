import { Emitter, type Unsubscribe } from '../../../../core/emitter.ts';
import { kafkaError, type KafkaErrorCode } from '../protocol/kafka-error.ts';
import { checkRecordSet } from '../records/record-batch.ts';
import { PartitionLog } from './partition-log.ts';
import { ProducerSequences } from './producer-sequences.ts';

export type AppendResult = { readonly ok: true; readonly baseOffset: number; readonly appendedBytes: number } | { readonly ok: false; readonly error: KafkaErrorCode };

/** One partition: its log, who has produced to it, and who waits for news of it. */
export class Partition {
  readonly log = new PartitionLog();
  readonly #sequences = new ProducerSequences();
  readonly #news: Emitter<undefined>;

  constructor(onListenerError: (error: unknown) => void) {
    this.#news = new Emitter(onListenerError);
  }

  /** `appendedBytes` is 0 for a batch that was here already. */
  append(recordSet: Buffer, maxMessageBytes: number): AppendResult {
    if (recordSet.length > maxMessageBytes) return { ok: false, error: kafkaError.MESSAGE_TOO_LARGE };
    const check = checkRecordSet(recordSet);
    if (!check.ok) return check;
    const verdict = this.#sequences.judge(check.header);
    if (verdict.kind === 'refuse') return { ok: false, error: verdict.error };
    if (verdict.kind === 'duplicate') return { ok: true, baseOffset: verdict.baseOffset, appendedBytes: 0 };
    const baseOffset = this.log.append(recordSet, check.header);
    this.#sequences.accept(check.header, baseOffset);
    return { ok: true, baseOffset, appendedBytes: recordSet.length };
  }

  /** Calls `listener` after appends, and when the partition is deleted or its start is raised: look again. */
  onNews(listener: () => void): Unsubscribe {
    return this.#news.on(listener);
  }

  announce(): void {
    this.#news.emit(undefined);
  }
}
