import type { Unsubscribe } from '../../../core/emitter.ts';
import { asError } from '../../../core/errors.ts';
import type { AgentServices } from '../../agents/services.ts';
import type { SectionName } from '../../jobs/job.ts';
import type { CommitReply } from './checkpoint-commit.ts';
import type { CheckpointContext } from './checkpoint-context.ts';
import type { SerializedCheckpoint } from './checkpoint-record.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import type { CheckpointTelemetry } from './checkpoint-telemetry.ts';
import type { RunHold } from './run-hold.ts';

interface Kept {
  readonly record: SerializedCheckpoint;
  readonly savedAt: number;
  readonly inProgress: SectionName | null;
  acknowledged: boolean;
  reportedUnavailable: boolean;
}

export interface SectionSaverOptions {
  readonly services: AgentServices;
  readonly context: CheckpointContext;
  readonly store: CheckpointStore;
  readonly hold: RunHold;
  readonly telemetry: CheckpointTelemetry;
}

/**
 * Brings sections to Redis one after the other, in the order of the calls: a later progress record
 * never goes in front of an earlier one. Keeps every section in memory for as long as the attempt
 * lasts, so that what did not get through, or what an emptied Redis has lost, can be sent again.
 */
export class SectionSaver {
  readonly #options: SectionSaverOptions;
  readonly #kept = new Map<SectionName, Kept>();
  readonly #told = new Set<SectionName>();
  #tail: Promise<unknown> = Promise.resolve();
  #stopWatching: Unsubscribe | undefined;
  #isClosed = false;

  constructor(options: SectionSaverOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#kept.size === 0;
  }

  /** True once Redis has acknowledged the section; false where it has to wait, or the run is lost. Never rejects. */
  save(record: SerializedCheckpoint, savedAt: number, inProgress: SectionName | null): Promise<boolean> {
    const kept: Kept = { record, savedAt, inProgress, acknowledged: false, reportedUnavailable: false };
    this.#kept.set(record.section, kept);
    return this.#queue(kept);
  }

  /** A section that an earlier attempt has saved: nothing to do, unless Redis loses it. */
  adopt(record: SerializedCheckpoint, savedAt: number): void {
    if (this.#kept.has(record.section)) return;
    this.#kept.set(record.section, { record, savedAt, inProgress: null, acknowledged: true, reportedUnavailable: false });
  }

  /** Sends what is still only in memory; true when nothing is left there. */
  async flush(): Promise<boolean> {
    await Promise.all([...this.#kept.values()].map((kept) => this.#queue(kept)));
    return [...this.#kept.values()].every((kept) => kept.acknowledged);
  }

  /** Behind everything that has been asked for so far. `work` must not reject. */
  after<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(work);
    this.#tail = done;
    return done;
  }

  async settled(): Promise<void> {
    await this.#tail;
  }

  /** Nothing more is sent; what is waiting is dropped. */
  close(): void {
    this.#isClosed = true;
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }

  #queue(kept: Kept): Promise<boolean> {
    return this.after(() => this.#commit(kept));
  }

  async #commit(kept: Kept): Promise<boolean> {
    const { services, store, hold, telemetry } = this.#options;
    const { record } = kept;
    if (kept.acknowledged) return true;
    if (this.#isClosed || hold.isLost || this.#kept.get(record.section) !== kept) return false;
    const startedMs = services.clock.monotonicMs();
    if (!(await hold.ensure())) return hold.isLost ? false : this.#keepForLater(kept, new Error('the run could not be claimed in Redis'));
    let reply: CommitReply;
    try {
      reply = await store.commit(hold.token, kept);
    } catch (error) {
      return this.#keepForLater(kept, asError(error));
    }
    if (reply.status === 'stale') {
      hold.lose(`Checkpoint of ${record.section}`, record.section, reply.heldToken);
      return false;
    }
    if (reply.status === 'blob_missing') return this.#keepForLater(kept, new Error(`Redis dropped the content of ${record.section} before it was committed`));
    kept.acknowledged = true;
    telemetry.saved(record.section, hold.token, record.bytes, services.clock.monotonicMs() - startedMs);
    this.#sendAgainWhatIsGone(reply.completed);
    await this.#tellAcknowledged(record.section);
    return true;
  }

  #keepForLater(kept: Kept, error: Error): false {
    const { services, telemetry } = this.#options;
    telemetry.failed('save', error);
    if (!kept.reportedUnavailable) telemetry.rejected(kept.record.section, 'unavailable', `kept in memory until Redis is back: ${error.message}`);
    kept.reportedUnavailable = true;
    if (this.#isClosed) return false;
    this.#stopWatching ??= services.redis.onStateChange((state) => {
      if (state.up) void this.flush();
    });
    return false;
  }

  /** Redis has answered: what it once acknowledged and no longer knows, it has lost; what waits may go now. */
  #sendAgainWhatIsGone(present: ReadonlySet<string>): void {
    for (const [section, kept] of this.#kept) {
      if (!present.has(section)) kept.acknowledged = false;
      if (!kept.acknowledged) void this.#queue(kept);
    }
  }

  async #tellAcknowledged(section: SectionName): Promise<void> {
    const { services, context } = this.#options;
    if (this.#told.has(section)) return;
    this.#told.add(section);
    try {
      await context.onAcknowledged?.(section);
    } catch (error) {
      services.logger.error('onAcknowledged rejected, which it must not', { job_id: context.jobId, correlation_id: context.correlationId, section, error: asError(error).message });
    }
  }
}
