import { hash } from 'node:crypto';
import type { ChainableCommander, Redis } from 'ioredis';

/** Writes that go out with the script, in front of it and in the same batch of bytes. */
export type BeforeScript = (pipeline: ChainableCommander) => void;

/**
 * A Lua script called by its SHA-1. A server that does not know it (restart, failover, SCRIPT FLUSH)
 * answers NOSCRIPT and has done nothing; the script's text is sent then.
 */
export class RedisScript {
  readonly #source: string;
  readonly #sha1: string;

  constructor(source: string) {
    this.#source = source;
    this.#sha1 = hash('sha1', source);
  }

  async run(client: Redis, keys: readonly string[], argv: readonly (string | number)[], before?: BeforeScript): Promise<unknown> {
    try {
      if (before === undefined) return await client.evalsha(this.#sha1, keys.length, ...keys, ...argv);
      const pipeline = client.pipeline();
      before(pipeline);
      const replies = (await pipeline.evalsha(this.#sha1, keys.length, ...keys, ...argv).exec()) ?? [];
      for (const [error] of replies) if (error !== null) throw error;
      return replies.at(-1)?.[1];
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return client.eval(this.#source, keys.length, ...keys, ...argv);
    }
  }
}
