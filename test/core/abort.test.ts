import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { abortReason, raceAbort } from '../../src/core/abort.ts';
import { Emitter } from '../../src/core/emitter.ts';
import { asError, isNetraError, NetraError } from '../../src/core/errors.ts';

/** Unhandled rejections while `work` runs and for two turns after it. */
async function unhandled(work: () => Promise<void>): Promise<unknown[]> {
  const seen: unknown[] = [];
  const listener = (error: unknown): void => void seen.push(error);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', listener);
  try {
    await work();
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
  }
  return seen;
}

describe('abort', () => {
  it('N07 raceAbort settles as the promise does, and leaves no listener', async () => {
    const { signal } = new AbortController();
    await expect(raceAbort(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(raceAbort(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
    await expect(raceAbort(Promise.resolve(2), undefined)).resolves.toBe(2);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('N07 an abort rejects at once with its reason; a late rejection of the work is nobody\'s unhandled one', async () => {
    const seen = await unhandled(async () => {
      for (const early of [true, false]) {
        const work = Promise.withResolvers<never>();
        const controller = new AbortController();
        if (early) controller.abort(new Error('enough'));
        const raced = raceAbort(work.promise, controller.signal);
        if (!early) controller.abort(new Error('enough'));
        await expect(raced).rejects.toThrow('enough');
        work.reject(new Error('too late'));
        expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
      }
    });
    expect(seen).toEqual([]);
  });

  it('N07 a reason that is no error becomes one', () => {
    expect(abortReason(AbortSignal.abort('just so')).message).toBe('aborted: just so');
    expect(abortReason(AbortSignal.abort()).name).toBe('AbortError');
  });

  it('D12 a listener that throws reaches neither the emitting code nor the other listeners', () => {
    const errors: unknown[] = [];
    const heard: string[] = [];
    const emitter = new Emitter<string>((error) => errors.push(error));
    emitter.on(() => {
      throw new Error('mine alone');
    });
    const stop = emitter.on((event) => heard.push(event));
    emitter.emit('one');
    stop();
    stop();
    emitter.emit('two');
    expect(heard).toEqual(['one']);
    expect(errors).toHaveLength(2);
    expect(emitter.hasListeners).toBe(true);
  });

  it('R11 the body of an error answer has every promised member, and nothing that is not known', () => {
    const entry = { severity: 'high', recovery: 'retry', retriable: true, meaning: '', remedy: '' } as const;
    const cause = new Error('below');
    const error = new NetraError('SOME_CODE', entry, 'it failed', { cause, retryAfterMs: 250 });
    expect(error.toBody('c-1')).toEqual({ error: { code: 'SOME_CODE', message: 'it failed', severity: 'high', recovery: 'retry', correlation_id: 'c-1', retry_after_ms: 250 } });
    expect(new NetraError('SOME_CODE', entry, 'it failed').toBody()).toEqual({ error: { code: 'SOME_CODE', message: 'it failed', severity: 'high', recovery: 'retry' } });
    expect(isNetraError(error)).toBe(true);
    expect(isNetraError(cause)).toBe(false);
    expect(new NetraError('SOME_CODE', entry, 'x', { retriable: false }).retriable).toBe(false);
    expect(asError('thrown text')).toMatchObject({ message: 'thrown text', cause: 'thrown text' });
  });
});
