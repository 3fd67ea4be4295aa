import { deadlineAfter } from '../../../core/deadline.ts';
import type { Unsubscribe } from '../../../core/emitter.ts';
import { asError } from '../../../core/errors.ts';
import type { Redis } from 'ioredis';
import type { AgentServices } from '../../agents/services.ts';
import { runScript } from '../../connectors/redis/redis-script.ts';
import { sectionNames, type SectionContent, type SectionName } from '../../jobs/job.ts';
import { CheckpointTooLargeError, StaleWriterError } from '../error-codes.ts';
import type { CheckpointContext } from './checkpoint-context.ts';
import { checkpointKeys, type CheckpointKeys } from './checkpoint-keys.ts';
import { readStoredCheckpoints, type StoredCheckpoint } from './checkpoint-loader.ts';
import { parseProgress, splitSections, type CheckpointProgress, type StoredProgress } from './checkpoint-progress.ts';
import { serializeCheckpoint, serializePointer, type SerializedCheckpoint } from './checkpoint-record.ts';
import { claimScript, commitScript, removeScript, runScriptAfter } from './checkpoint-scripts.ts';
import { CheckpointTelemetry } from './checkpoint-telemetry.ts';

export const checkpointTtlMs = 3_600_000;
export const checkpointLimitBytes = 1_048_576;
/** Above this, the record goes to a key of its own and only a pointer through Lua, which copies what it is given. */
const inlineLimitBytes = 8_192;
/** A blob outlives the pointer that names it. */
const blobTtlMs = checkpointTtlMs + 60_000;
/** One exchange with Redis; generation never waits for it, the end of an attempt does. */
const exchangeTimeoutMs = 1_000;

interface Kept {
  readonly record: SerializedCheckpoint;
  readonly savedAt: number;
  readonly next: SectionName | null;
  acknowledged: boolean;
  reportedUnavailable: boolean;
}

/**
 * Checkpoints of one attempt at one run. Made by `CheckpointFactory.createForContext` only.
 *
 * A section is *acknowledged* once Redis has answered that section and progress record are written
 * under this attempt's fence; from then on no later attempt asks the model for it again. Until
 * then it is kept in memory here and sent again when Redis is back, under the same token.
 *
 * Nothing here throws into generation. An attempt that has lost the run finds `signal` aborted with a
 * StaleWriterError; whatever it does afterwards changes nothing in Redis.
 */
export class ReportCheckpointManager {
  readonly #services: AgentServices;
  readonly #context: CheckpointContext;
  readonly #keys: CheckpointKeys;
  readonly #nonce: string;
  readonly #telemetry: CheckpointTelemetry;
  readonly #lost = new AbortController();
  /** Everything that this attempt has saved or taken over, so that an emptied Redis can be filled again. */
  readonly #kept = new Map<SectionName, Kept>();
  readonly #told = new Set<SectionName>();
  #token = 0;
  #minimumToken = 0;
  #beganAt = 0;
  #isClaimed = false;
  #resumeKnown = false;
  #closed = false;
  #isDone = false;
  #tail: Promise<unknown> = Promise.resolve();
  #stopWatching: Unsubscribe | undefined;

  constructor(services: AgentServices, context: CheckpointContext, nonce: string) {
    this.#services = services;
    this.#context = context;
    this.#keys = checkpointKeys(context.userId, context.jobId);
    this.#nonce = nonce;
    this.#telemetry = new CheckpointTelemetry(services, context);
  }

  /** Aborts, with a StaleWriterError as reason, once a newer attempt is known to hold the run. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** 0 before `claim`. */
  get token(): number {
    return this.#token;
  }

  /** Redis answers, and has not yet told whether there are checkpoints to go on from. */
  get mayResume(): boolean {
    return this.#isClaimed && !this.#resumeKnown;
  }

  /** Sections of this attempt whose checkpoints Redis holds. */
  get acknowledgedSections(): readonly SectionName[] {
    return [...this.#kept].filter(([, kept]) => kept.acknowledged).map(([section]) => section);
  }

  /**
   * Takes the run: the token is above every earlier one and above `minimumToken`. Where Redis cannot be
   * reached it is `minimumToken + 1` for now, and the run is taken with the first exchange that gets through:
   * under the same token, unless an earlier attempt holds that one.
   */
  async claim(minimumToken: number): Promise<number> {
    this.#minimumToken = minimumToken;
    this.#token = minimumToken + 1;
    this.#beganAt = this.#services.clock.now();
    await this.#claimed('');
    return this.#token;
  }

  /**
   * True once Redis has acknowledged the section, false where it is kept in memory for now, is too large, or
   * this attempt has lost the run. Never rejects; generation goes on without waiting.
   * @param next the section generated meanwhile, for the progress record
   */
  saveSection(section: SectionName, content: SectionContent, next: SectionName | null = null): Promise<boolean> {
    if (this.#closed || this.#lost.signal.aborted) return Promise.resolve(false);
    const savedAt = this.#services.clock.now();
    const record = serializeCheckpoint({ section, plan: this.#context.planHash, token: this.#token, saved_at: savedAt }, content);
    if (record.bytes > checkpointLimitBytes) {
      this.#telemetry.rejected(section, 'too_large', new CheckpointTooLargeError(section, record.bytes, checkpointLimitBytes).message);
      return Promise.resolve(false);
    }
    const kept: Kept = { record, savedAt, next, acknowledged: false, reportedUnavailable: false };
    this.#kept.set(section, kept);
    return this.#enqueue(() => this.#commit(kept));
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
    this.#telemetry.resumed(sections, this.#token, await this.getCheckpointAge());
  }

  /** Sends what is still only in memory; true when nothing is left there. */
  async flush(): Promise<boolean> {
    await Promise.all([...this.#kept.values()].map((kept) => this.#enqueue(() => this.#commit(kept))));
    return [...this.#kept.values()].every((kept) => kept.acknowledged);
  }

  /**
   * After success only: removes the run's checkpoints. The fence stays until its time is up, so that a writer
   * that was paused meanwhile is refused. False where Redis could not be reached; the time to live does it then.
   */
  async cleanup(): Promise<boolean> {
    this.#close();
    // What is still waiting to be saved is of no use any more.
    this.#isDone = true;
    return this.#enqueue(async () => (this.#isClaimed || (await this.#claimed(this.#beganAt))) && this.#remove(sectionNames, true));
  }

  /** Resolves once every save that has been asked for has been answered, one way or the other. */
  async settled(): Promise<void> {
    await this.#tail;
  }

  /** After a failure: leaves the checkpoints for the retry, once what is under way has settled. */
  async release(): Promise<void> {
    if (!this.#closed && !this.#lost.signal.aborted) await this.flush();
    this.#close();
    await this.#tail;
  }

  #close(): void {
    this.#closed = true;
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }

  /** One after the other, in the order of the calls: a later progress record never goes in front of an earlier one. */
  #enqueue(work: () => Promise<boolean>): Promise<boolean> {
    const done = this.#tail.then(work);
    this.#tail = done;
    return done;
  }

  async #commit(kept: Kept): Promise<boolean> {
    const { record } = kept;
    if (kept.acknowledged) return true;
    if (this.#lost.signal.aborted || this.#isDone || this.#kept.get(record.section) !== kept) return false;
    const { clock } = this.#services;
    const startedMs = clock.monotonicMs();
    if (!this.#isClaimed && !(await this.#claimed(this.#beganAt))) return this.#lost.signal.aborted ? false : this.#keepForLater(kept, new Error('the run could not be claimed in Redis'));
    let reply: readonly string[];
    try {
      reply = await this.#exchange('checkpoint.save', (client) => this.#write(client, kept));
    } catch (error) {
      return this.#keepForLater(kept, asError(error));
    }
    const [status, detail] = reply as [string, string];
    if (status === 'stale') {
      this.#loseRun(`Checkpoint of ${record.section}`, record.section, Number(detail));
      return false;
    }
    if (status !== 'saved') {
      return this.#keepForLater(kept, new Error(`Redis dropped the content of ${record.section} before it was committed`));
    }
    kept.acknowledged = true;
    this.#telemetry.saved(record.section, this.#token, record.bytes, clock.monotonicMs() - startedMs);
    this.#refillWhatIsGone(new Set(splitSections(detail)));
    await this.#tellAcknowledged(record.section);
    return true;
  }

  async #tellAcknowledged(section: SectionName): Promise<void> {
    if (this.#told.has(section)) return;
    this.#told.add(section);
    try {
      await this.#context.onAcknowledged?.(section);
    } catch (error) {
      this.#services.logger.error('onAcknowledged rejected, which it must not', { section, error: asError(error).message });
    }
  }

  /** @param beganAt '' for a claim that is the attempt's first act; see the script */
  async #claimed(beganAt: number | ''): Promise<boolean> {
    const argv = [this.#minimumToken, this.#nonce, checkpointTtlMs, this.#services.clock.now(), this.#context.totalSections, beganAt];
    try {
      const [status, token] = (await this.#exchange('checkpoint.claim', (client) => runScript(client, claimScript, [this.#keys.progress], argv))) as [string, string];
      if (status === 'stale') this.#loseRun('Claim', 'progress', Number(token));
      else this.#token = Number(token);
      this.#isClaimed = status === 'claimed';
    } catch (error) {
      this.#telemetry.failed('claim', asError(error));
    }
    return this.#isClaimed;
  }

  #write(client: Redis, kept: Kept): Promise<readonly string[]> {
    const { record, savedAt, next } = kept;
    const { section } = record;
    const keys = [this.#keys.progress, this.#keys.section(section)];
    const now = this.#services.clock.now();
    const argv = (stored: string): (string | number)[] => [this.#token, this.#nonce, section, stored, checkpointTtlMs, now, this.#context.totalSections, next ?? '', savedAt];
    if (record.bytes <= inlineLimitBytes) return runScript(client, commitScript, keys, argv(record.text)) as Promise<string[]>;
    // Token and nonce in the name: a refused writer's blob can never be the one that a pointer names.
    const blob = this.#keys.blob(section, `${this.#token}-${this.#nonce}-${record.sha256.slice(0, 16)}`);
    const pointer = serializePointer({ blob, bytes: record.bytes, sha256: record.sha256 });
    return runScriptAfter(client, (pipeline) => pipeline.set(blob, record.text, 'PX', blobTtlMs), commitScript, [...keys, blob], argv(pointer)) as Promise<string[]>;
  }

  #keepForLater(kept: Kept, error: Error): false {
    this.#telemetry.failed('save', error);
    if (!kept.reportedUnavailable) this.#telemetry.rejected(kept.record.section, 'unavailable', `kept in memory until Redis is back: ${error.message}`);
    kept.reportedUnavailable = true;
    if (this.#closed) return false;
    this.#stopWatching ??= this.#services.redis.onStateChange((state) => {
      if (state.up) void this.flush();
    });
    return false;
  }

  /** Redis has answered and does not know sections that it had acknowledged: it has been emptied since. */
  #refillWhatIsGone(present: ReadonlySet<string>): void {
    for (const [section, kept] of this.#kept) {
      const isGone = kept.acknowledged && !present.has(section);
      if (isGone) kept.acknowledged = false;
      if (!kept.acknowledged) void this.#enqueue(() => this.#commit(kept));
    }
  }

  async #load(wanted: readonly SectionName[]): Promise<ReadonlyMap<SectionName, SectionContent>> {
    // The claim has found Redis gone; waiting for it a second time would only hold the report up.
    if (this.#token > 0 && !this.#isClaimed) return new Map();
    const { clock } = this.#services;
    const startedMs = clock.monotonicMs();
    let found: readonly StoredCheckpoint[];
    try {
      found = await this.#exchange('checkpoint.load', (client) => readStoredCheckpoints(client, this.#keys, wanted, this.#context.planHash));
    } catch (error) {
      this.#telemetry.failed('load', asError(error));
      return new Map();
    }
    this.#resumeKnown = true;
    const contents = new Map<SectionName, SectionContent>();
    const unusable: SectionName[] = [];
    for (const { section, text, read } of found) {
      if (read.kind === 'valid') {
        contents.set(section, read.content);
        const record = { section, text, bytes: Buffer.byteLength(text), sha256: text.slice(0, 64) };
        if (!this.#kept.has(section)) this.#kept.set(section, { record, savedAt: read.savedAt, next: null, acknowledged: true, reportedUnavailable: false });
      } else {
        this.#telemetry.rejected(section, read.kind, read.kind === 'damaged' ? read.error.message : read.detail);
        unusable.push(section);
      }
    }
    this.#telemetry.loaded(contents.size, clock.monotonicMs() - startedMs);
    if (unusable.length > 0 && this.#isClaimed) await this.#enqueue(() => this.#remove(unusable, false));
    return contents;
  }

  async #remove(sections: readonly SectionName[], close: boolean): Promise<boolean> {
    const keys = [this.#keys.progress, ...sections.map((section) => this.#keys.section(section))];
    const argv = [this.#token, this.#nonce, checkpointTtlMs, this.#services.clock.now(), close ? '1' : '0', ...sections];
    try {
      const [status, detail] = (await this.#exchange('checkpoint.cleanup', (client) => runScript(client, removeScript, keys, argv))) as [string, string];
      if (status === 'stale') this.#loseRun('Removal of checkpoints', sections.join(','), Number(detail));
      return status !== 'stale';
    } catch (error) {
      this.#telemetry.failed('cleanup', asError(error));
      return false;
    }
  }

  async #storedProgress(): Promise<StoredProgress | null> {
    try {
      return parseProgress(await this.#exchange('checkpoint.progress', (client) => client.hgetall(this.#keys.progress)));
    } catch (error) {
      this.#telemetry.failed('load', asError(error));
      return null;
    }
  }

  #loseRun(what: string, section: string, heldToken: number): void {
    const error = new StaleWriterError(what, this.#token, heldToken);
    this.#telemetry.rejected(section, 'stale_writer', error.message);
    this.#close();
    this.#lost.abort(error);
  }

  /**
   * Idempotent: every script may run twice, and a second claim by one nonce is the first. A progress key that is
   * no hash at all was written by somebody else: it is removed, reported, and the exchange made again.
   */
  async #exchange<T>(name: string, work: (client: Redis) => Promise<T>): Promise<T> {
    const { redis, clock } = this.#services;
    const options = { deadline: deadlineAfter(clock, exchangeTimeoutMs), correlationId: this.#context.correlationId, idempotent: true };
    return redis.execute(
      name,
      async (client) => {
        try {
          return await work(client);
        } catch (error) {
          if (!asError(error).message.startsWith('WRONGTYPE')) throw error;
          await client.unlink(this.#keys.progress);
          this.#telemetry.rejected('progress', 'damaged', `${this.#keys.progress} is no hash; removed`);
          return work(client);
        }
      },
      options,
    );
  }
}
