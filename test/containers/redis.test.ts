/*
 * The embedded Redis gives the replies of 7.0; the container's is of version 8. What 8 answers otherwise is listed, each with an
 * example that is tested, in test/contract/redis-known-differences.ts; everything else has to be the same.
 */
import { redisDifferential } from '../contract/redis-differential.ts';
import { redis8 } from '../contract/redis-known-differences.ts';
import { startLoneService } from './lone-service.ts';

redisDifferential(
  'Redis 8 in a container',
  async () => {
    const redis = await startLoneService('redis');
    return { port: redis.endpoint.port, [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose]() };
  },
  { version: redis8 },
);
