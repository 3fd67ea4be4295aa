import type { Redis } from 'ioredis';
import { deadlineAfter } from '../../../core/deadline.ts';
import { asError } from '../../../core/errors.ts';
import type { AgentServices } from '../../agents/services.ts';
import { runScript } from '../../connectors/redis/redis-script.ts';
import type { SectionName } from '../../jobs/job.ts';
import { checkpointTtlMs, commitCheckpoint, type Commit, type CommitReply } from './checkpoint-commit.ts';
import type { CheckpointContext } from './checkpoint-context.ts';
import { checkpointKeys, type CheckpointKeys } from './checkpoint-keys.ts';
import { readStoredCheckpoints, type StoredCheckpoint } from './checkpoint-loader.ts';
import { parseProgress, type StoredProgress } from './checkpoint-progress.ts';
import { fencedScripts, unfencedScripts, type CheckpointScripts } from './checkpoint-scripts.ts';

/** One exchange with Redis. Generation never waits for one, but the beginning and the end of an attempt do. */
const exchangeTimeoutMs = 1_000;

export type StaleReply = { readonly status: 'stale'; readonly heldToken: number };
export type ClaimReply = { readonly status: 'claimed'; readonly token: number; readonly hasSections: boolean } | StaleReply;

export interface CheckpointStoreOptions {
  readonly services: AgentServices;
  readonly context: CheckpointContext;
  readonly nonce: string;
  /** The progress record was no hash, and has been removed. */
  readonly onProgressRemoved: (key: string) => void;
}

/** The exchanges with Redis for one run: what is written and read there, without any decision. Rejects where Redis cannot be used. */
export class CheckpointStore {
  readonly #options: CheckpointStoreOptions;
  readonly #keys: CheckpointKeys;
  readonly #scripts: CheckpointScripts;

  constructor(options: CheckpointStoreOptions) {
    this.#options = options;
    this.#scripts = options.services.config.resilience.fencing ? fencedScripts : unfencedScripts;
    this.#keys = checkpointKeys(options.context.userId, options.context.jobId);
  }

  /** @param beganAt wall clock of the attempt's begin where that was before this claim, undefined for a claim that is its first act */
  async claim(minimumToken: number, beganAt?: number): Promise<ClaimReply> {
    const { services, context, nonce } = this.#options;
    const argv = [minimumToken, nonce, checkpointTtlMs, services.clock.now(), context.totalSections, beganAt ?? ''];
    const reply = await this.#exchange('checkpoint.claim', (client) => runScript(client, this.#scripts.claim, [this.#keys.progress], argv));
    const [status, token, completed] = reply as readonly [string, string, string];
    return status === 'stale' ? { status, heldToken: Number(token) } : { status: 'claimed', token: Number(token), hasSections: completed !== '' };
  }

  commit(token: number, section: Pick<Commit, 'record' | 'savedAt' | 'inProgress'>): Promise<CommitReply> {
    const { services, context, nonce } = this.#options;
    const commit = { ...section, keys: this.#keys, fence: { token, nonce }, now: services.clock.now(), totalSections: context.totalSections };
    return this.#exchange('checkpoint.save', (client) => commitCheckpoint(client, this.#scripts.commit, commit));
  }

  /** @param close leaves nothing of the run but its fence */
  async remove(token: number, sections: readonly SectionName[], close: boolean): Promise<{ readonly status: 'removed' } | StaleReply> {
    const { services, nonce } = this.#options;
    const keys = [this.#keys.progress, ...sections.map((section) => this.#keys.section(section))];
    const argv = [token, nonce, checkpointTtlMs, services.clock.now(), close ? '1' : '0', ...sections];
    const [status, held] = (await this.#exchange('checkpoint.cleanup', (client) => runScript(client, this.#scripts.remove, keys, argv))) as readonly [string, string];
    return status === 'stale' ? { status, heldToken: Number(held) } : { status: 'removed' };
  }

  load(wanted: readonly SectionName[]): Promise<StoredCheckpoint[]> {
    return this.#exchange('checkpoint.load', (client) => readStoredCheckpoints(client, this.#keys, wanted, this.#options.context.planHash));
  }

  async progress(): Promise<StoredProgress | null> {
    return parseProgress(await this.#exchange('checkpoint.progress', (client) => client.hgetall(this.#keys.progress)));
  }

  /**
   * Idempotent: every script may run twice, and a second claim by one nonce is the first. A progress key that is
   * no hash at all was written by somebody else: it is removed, reported, and the exchange made again.
   */
  #exchange<T>(name: string, work: (client: Redis) => Promise<T>): Promise<T> {
    const { services, context, onProgressRemoved } = this.#options;
    const options = { deadline: deadlineAfter(services.clock, exchangeTimeoutMs), correlationId: context.correlationId, idempotent: true };
    return services.redis.execute(
      name,
      async (client) => {
        try {
          return await work(client);
        } catch (error) {
          if (!asError(error).message.startsWith('WRONGTYPE')) throw error;
          await client.unlink(this.#keys.progress);
          onProgressRemoved(this.#keys.progress);
          return work(client);
        }
      },
      options,
    );
  }
}
