import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { chooseProvider } from '../../src/infra/providers/index.ts';
import { scaleOut } from '../contract/scale-out.ts';

describe('scale-out over Apache Kafka, Redis and PostgreSQL', { timeout: 180_000 }, () => {
  it('F07 six hosts that join by `netra-resilience host` share 12 partitions; one leaves in between, and nothing is lost or made twice', async () => {
    const { provider } = await chooseProvider({ choice: 'containers', environment: process.env, clock: systemClock, signal: new AbortController().signal });
    await expect(scaleOut(provider)).resolves.toBeUndefined();
  });
});
