import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedisServer, type RunningRedis } from '../../../../src/infra/embedded/redis/server.ts';
import { differences } from './normalise.ts';
import { RawClient } from './raw-client.ts';
import { anyRequest } from './random-commands.ts';
import { referenceServerAbsent, startReferenceServer, type ReferenceServer } from './reference-server.ts';

const SEED = Number(process.env['NETRA_REDIS_DIFFERENTIAL_SEED'] ?? 20_261_120);
const RUNS = Number(process.env['NETRA_REDIS_DIFFERENTIAL_RUNS'] ?? 150);

describe.skipIf(referenceServerAbsent())('against the distribution’s redis-server', () => {
  let reference: ReferenceServer;
  let embedded: RunningRedis;

  beforeAll(async () => {
    reference = await startReferenceServer();
    embedded = await startRedisServer();
  });
  afterAll(async () => {
    await embedded.close();
    await reference[Symbol.asyncDispose]();
  });

  async function compareBoth(requests: readonly (readonly string[])[]): Promise<void> {
    await using left = await RawClient.connect(reference.port);
    await using right = await RawClient.connect(embedded.port);
    const clean = [['FLUSHALL'], ['SCRIPT', 'FLUSH']];
    const [expected, actual] = await Promise.all([left.ask([...clean, ...requests]), right.ask([...clean, ...requests])]);
    expect(differences(requests, expected.slice(clean.length), actual.slice(clean.length))).toEqual([]);
  }

  test('P01 random sequences of commands get the same replies and the same errors from the embedded Redis', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRequest, { minLength: 20, maxLength: 60, size: 'max' }), compareBoth),
      { seed: SEED, numRuns: RUNS, endOnFailure: process.env['CI'] === 'true' },
    );
  });
});
