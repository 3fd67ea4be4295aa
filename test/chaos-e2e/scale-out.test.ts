import { describe, expect, it } from 'vitest';
import { embedded } from '../../src/infra/providers/embedded.ts';
import { scaleOut } from '../contract/scale-out.ts';

describe('scale-out over embedded services', { timeout: 120_000 }, () => {
  it('F07 six hosts that join by `netra-resilience host` share 12 partitions; one leaves in between, and nothing is lost or made twice', async () => {
    await expect(scaleOut(embedded)).resolves.toBeUndefined();
  });
});
