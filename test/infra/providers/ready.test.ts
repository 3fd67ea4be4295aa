import { describe, expect, it } from 'vitest';
import { InfraUnavailable } from '../../../src/infra/error-codes.ts';
import { waitUntilReady } from '../../../src/infra/providers/ready.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';

describe('waiting for a service', () => {
  it('P01 asks again until it is ready', async () => {
    const clock = new VirtualClock();
    let asked = 0;
    const waiting = waitUntilReady('redis', async () => (++asked < 4 ? Promise.reject(new Error('not yet')) : Promise.resolve()), clock, new AbortController().signal);
    await clock.advance(1000);
    await waiting;
    expect(asked).toBe(4);
    expect(clock.pendingTimers).toBe(0);
  });

  it('N07 gives up at once where asking again is of no use', async () => {
    let asked = 0;
    const probe = async (): Promise<void> => {
      asked++;
      return Promise.reject(new InfraUnavailable('The server is gone.'));
    };
    await expect(waitUntilReady('llm', probe, new VirtualClock(), new AbortController().signal)).rejects.toThrow('The server is gone.');
    expect(asked).toBe(1);
  });

  it('N07 aborted in a probe that hangs, it says what kept the service before', async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    let asked = 0;
    const waiting = waitUntilReady('kafka', () => (++asked === 1 ? Promise.reject(new Error('no broker')) : new Promise(() => undefined)), clock, abort.signal);
    waiting.catch(() => undefined);
    await clock.advance(10);
    abort.abort(new Error('too late'));
    await expect(waiting).rejects.toThrow('kafka was not ready in time: no broker.');
  });
});
