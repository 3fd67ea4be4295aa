import { asError } from '../../../core/errors.ts';
import type { AgentServices } from '../../agents/services.ts';
import { sectionNames, type SectionContent, type SectionName } from '../../jobs/job.ts';
import { CheckpointTooLargeError } from '../error-codes.ts';
import type { CheckpointContext } from './checkpoint-context.ts';
import type { StoredCheckpoint } from './checkpoint-loader.ts';
import type { CheckpointProgress, StoredProgress } from './checkpoint-progress.ts';
import { serializeCheckpoint } from './checkpoint-record.ts';
import { CheckpointStore } from './checkpoint-store.ts';
import { CheckpointTelemetry } from './checkpoint-telemetry.ts';
import type { LateRemovals } from './late-removals.ts';
import { RunHold } from './run-hold.ts';
import { SectionSaver } from './section-saver.ts';

const checkpointLimitBytes = 1_048_576;

/**
 * Checkpoints of one attempt at one run. Made by `CheckpointFactory.createForContext` only.
 *
 * A section is *acknowledged* once Redis has answered that section and progress record are written
 * under this attempt's fence; from then on no later attempt asks the model for it again. Until
 * then it is kept in memory here and sent again when Redis is back, under the same token.
 *
 * Nothing here throws into generation. An attempt that has lost the run finds `signal` aborted with a
 * StaleWriterError; whatever it does afterwards changes nothing in Redis. The one gap: while an emptied
 * Redis has not heard from the run's holder again, an earlier attempt's write is taken; the holder's next write
 * takes the run back, and the report store refuses the earlier attempt.
 */
export class ReportCheckpointManager {
  readonly #services: AgentServices;
  readonly #context: CheckpointContext;
  readonly #telemetry: CheckpointTelemetry;
  readonly #store: CheckpointStore;
  readonly #hold: RunHold;
  readonly #saver: SectionSaver;
  readonly #lateRemovals: LateRemovals;
  #resumeKnown = false;
  #isClosed = false;

  constructor(services: AgentServices, context: CheckpointContext, nonce: string, lateRemovals: LateRemovals) {
    const telemetry = new CheckpointTelemetry(services, context);
    const onProgressRemoved = (key: string): void => telemetry.rejected('progress', 'damaged', `${key} is no hash; removed`);
    this.#services = services;
    this.#context = context;
    this.#lateRemovals = lateRemovals;
    this.#telemetry = telemetry;
    this.#store = new CheckpointStore({ services, context, nonce, onProgressRemoved });
    this.#hold = new RunHold(this.#store, telemetry, services.clock);
    this.#saver = new SectionSaver({ services, context, store: this.#store, hold: this.#hold, telemetry });
  }

  /** Aborts, with a StaleWriterError as reason, once a newer attempt is known to hold the run. */
  get signal(): AbortSignal {
    return this.#hold.signal;
  }

  /** The attempt's fencing token; 0 before `claim`. */
  get token(): number {
    return this.#hold.token;
  }

  /** Redis answers, and has not yet told whether there are checkpoints to go on from. */
  get mayResume(): boolean {
    return this.#hold.isClaimed && !this.#resumeKnown;
  }

  /**
   * Takes the run: the token is above every earlier one and above `minimumToken`. Where Redis cannot be
   * reached it is `minimumToken + 1` for now, and the run is taken with the first exchange that gets through:
   * under the same token, unless an earlier attempt holds that one.
   */
  claim(minimumToken: number): Promise<number> {
    return this.#hold.begin(minimumToken);
  }

  /**
   * True once Redis has acknowledged the section, false where it is kept in memory for now, is too large, or
   * this attempt has lost the run. Never rejects; generation goes on without waiting.
   * @param next the section generated meanwhile, for the progress record
   */
  async saveSection(section: SectionName, content: SectionContent, next: SectionName | null = null): Promise<boolean> {
    if (this.#isClosed || this.#hold.isLost) return false;
    const savedAt = this.#services.clock.now();
    const record = serializeCheckpoint({ section, plan: this.#context.planHash, token: this.token, saved_at: savedAt }, content);
    if (record.bytes > checkpointLimitBytes) {
      this.#telemetry.rejected(section, 'too_large', new CheckpointTooLargeError(section, record.bytes, checkpointLimitBytes).message);
      return false;
    }
    return this.#saver.save(record, savedAt, next);
  }

  /** The section as an earlier attempt left it; null where there is none that may be used. */
  async loadSection(section: SectionName): Promise<SectionContent | null> {
    return (await this.#load([section])).get(section) ?? null;
  }

  /** Every section that may be used. Damaged and foreign ones are reported, taken out of the run and left out. */
  loadAllSections(): Promise<ReadonlyMap<SectionName, SectionContent>> {
    return this.#load(sectionNames);
  }

  /** Null where the run has no checkpoints, or Redis cannot be reached. */
  async getProgress(): Promise<CheckpointProgress | null> {
    return (await this.#storedProgress())?.progress ?? null;
  }

  async hasCheckpoints(): Promise<boolean> {
    return ((await this.getProgress())?.completed_sections.length ?? 0) > 0;
  }

  /** Seconds since the oldest checkpoint was saved; null without one. A clock that was set back gives 0, not a negative age. */
  async getCheckpointAge(): Promise<number | null> {
    const oldest = (await this.#storedProgress())?.oldestSavedAt ?? null;
    return oldest === null ? null : Math.max(0, this.#services.clock.now() - oldest) / 1_000;
  }

  /** Tells whoever watches that these sections were taken over from an earlier attempt. */
  async noteResumed(sections: readonly SectionName[]): Promise<void> {
    this.#telemetry.resumed(sections, this.token, await this.getCheckpointAge());
  }

  /** Sends what is still only in memory; true when nothing is left there. */
  flush(): Promise<boolean> {
    return this.#saver.flush();
  }

  /** Resolves once every save that has been asked for has been answered, one way or the other. */
  settled(): Promise<void> {
    return this.#saver.settled();
  }

  /**
   * After success only: removes the run's checkpoints. The fence stays until its time is up, so that a writer
   * that was paused meanwhile is refused. False where Redis could not be reached; it is then done once Redis is
   * back, or by the time to live.
   */
  async cleanup(): Promise<boolean> {
    this.#close();
    const remove = async (): Promise<boolean> => (await this.#hold.ensure()) && this.#remove(sectionNames, true);
    const removed = await this.#saver.after(remove);
    if (!removed && !this.#hold.isLost) this.#lateRemovals.add(async () => (await remove()) || this.#hold.isLost);
    return removed;
  }

  /** After a failure: leaves the checkpoints for the retry, once what is under way has settled. */
  async release(): Promise<void> {
    if (!this.#isClosed && !this.#hold.isLost) await this.#saver.flush();
    this.#close();
    await this.#saver.settled();
  }

  #close(): void {
    this.#isClosed = true;
    this.#saver.close();
  }

  async #load(wanted: readonly SectionName[]): Promise<ReadonlyMap<SectionName, SectionContent>> {
    // The claim has found Redis gone; waiting for it a second time would only hold the report up.
    if (this.token > 0 && !this.#hold.isClaimed) return new Map();
    const { clock } = this.#services;
    const startedMs = clock.monotonicMs();
    // The claim has told already that there is nothing, and behind the fence nobody else adds a section.
    const nothingThere = this.#hold.isClaimed && !this.#hold.foundSections && this.#saver.isEmpty;
    const found = nothingThere ? [] : await this.#read(wanted);
    if (found === undefined) return new Map();
    this.#resumeKnown = true;
    const contents = new Map<SectionName, SectionContent>();
    const unusable: SectionName[] = [];
    for (const { section, text, read } of found) {
      if (read.kind === 'valid') {
        contents.set(section, read.content);
        this.#saver.adopt({ section, payload: text, bytes: Buffer.byteLength(text), sha256: text.slice(0, 64) }, read.savedAt);
      } else {
        this.#telemetry.rejected(section, read.kind, read.kind === 'damaged' ? read.error.message : read.detail);
        unusable.push(section);
      }
    }
    this.#telemetry.loaded(contents.size, clock.monotonicMs() - startedMs);
    if (unusable.length > 0 && this.#hold.isClaimed) await this.#saver.after(() => this.#remove(unusable, false));
    return contents;
  }

  async #read(wanted: readonly SectionName[]): Promise<readonly StoredCheckpoint[] | undefined> {
    try {
      return await this.#store.load(wanted);
    } catch (error) {
      this.#telemetry.failed('load', asError(error));
      return undefined;
    }
  }

  async #remove(sections: readonly SectionName[], close: boolean): Promise<boolean> {
    try {
      const reply = await this.#store.remove(this.token, sections, close);
      if (reply.status === 'stale') this.#hold.lose('Removal of checkpoints', sections.join(','), reply.heldToken);
      return reply.status === 'removed';
    } catch (error) {
      this.#telemetry.failed('cleanup', asError(error));
      return false;
    }
  }

  async #storedProgress(): Promise<StoredProgress | null> {
    try {
      return await this.#store.progress();
    } catch (error) {
      this.#telemetry.failed('load', asError(error));
      return null;
    }
  }
}
