import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A Lua script and the name that Redis knows it by once it has seen it. */
export interface RedisScript {
  readonly source: string;
  readonly sha: string;
}

export function defineScript(source: string): RedisScript {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/**
 * Runs a script by its hash, and by its text where Redis does not know it: after its first start, a
 * restart, a failover or SCRIPT FLUSH. A script that is refused as unknown has not run at all.
 */
export async function runScript(client: Redis, script: RedisScript, keys: readonly string[], args: readonly (string | number | Buffer)[]): Promise<unknown> {
  try {
    return await client.evalsha(script.sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return client.eval(script.source, keys.length, ...keys, ...args);
  }
}
