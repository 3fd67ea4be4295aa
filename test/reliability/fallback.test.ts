import { describe, expect, test } from 'vitest';
import { degradedFallback, firstOf, generatedFallback, LastGoodCache, TimeoutError } from '../../src/reliability/index.ts';
import { never, refusedConnection, turns, virtualManager, watch } from './helpers.ts';

const once = { retry: { maxAttempts: 1 } } as const;
const down = (): Promise<never> => Promise.reject(refusedConnection());
const missing = (): Promise<never> => Promise.reject(Object.assign(new Error('no such order'), { status: 404 }));

const parse = (answer: unknown, note: string): string => `${JSON.stringify(answer)} ${note}`;
function noTemplate(): never {
  throw new Error('template missing');
}

describe('last good value', () => {
  test('R12 a failure is answered with the last good value and its age', async () => {
    const { manager, clock, events } = virtualManager();
    const cache = new LastGoodCache<string>(clock);
    const options = { ...once, fallback: cache.fallback({ key: 'customer-1', annotate: (value, ageMs) => `${value} (${ageMs / 1_000} s old)` }) };
    await expect(manager.executeSafely(async () => 'fresh', 'orders.list', options)).resolves.toBe('fresh');
    await clock.advance(90_000);
    await expect(manager.executeSafely(down, 'orders.list', options)).resolves.toBe('fresh (90 s old)');
    expect(events).toContainEqual(expect.objectContaining({ type: 'fallback.used', fallback: 'cached', ageMs: 90_000, errorKind: 'connection' }));
    expect(events.at(-1)).toMatchObject({ type: 'call.completed', outcome: 'fallback' });
    expect(events.some((event) => event.type === 'agent_error')).toBe(false);
    expect(manager.health().components['orders']).toMatchObject({ calls: 2, failures: 1, fallbacks: 1 });
  });

  test('R12 a value that is too old, of another key or of another call is not served', async () => {
    const { manager, clock } = virtualManager();
    const cache = new LastGoodCache<string>(clock);
    const fallback = cache.fallback({ key: 'a', maxAgeMs: 1_000 });
    await manager.executeSafely(async () => 'value', 'orders.list', { fallback });
    await expect(manager.executeSafely(down, 'orders.list', { ...once, fallback: cache.fallback({ key: 'b' }) })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(manager.executeSafely(down, 'users.list', { ...once, fallback })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await clock.advance(1_001);
    await expect(manager.executeSafely(down, 'orders.list', { ...once, fallback })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('R12 an answer like "not found" is not covered up with an old value', async () => {
    const { manager, clock } = virtualManager();
    const fallback = new LastGoodCache<string>(clock).fallback({ key: 'a' });
    await manager.executeSafely(async () => 'value', 'orders.list', { fallback });
    await expect(manager.executeSafely(missing, 'orders.list', { fallback })).rejects.toThrow('no such order');
  });

  test('R12 keeps the entries used last', async () => {
    const { manager, clock } = virtualManager();
    const cache = new LastGoodCache<number>(clock, 2);
    for (let key = 0; key < 5; key++) await manager.executeSafely(async () => key, 'orders.list', { fallback: cache.fallback({ key: String(key) }) });
    expect(cache.size).toBe(2);
    await expect(manager.executeSafely(down, 'orders.list', { ...once, fallback: cache.fallback({ key: '4' }) })).resolves.toBe(4);
    await expect(manager.executeSafely(down, 'orders.list', { ...once, fallback: cache.fallback({ key: '0' }) })).rejects.toThrow('ECONNREFUSED');
  });
});

describe('default answer', () => {
  test('R12 a function makes the answer from what went wrong', async () => {
    const { manager } = virtualManager();
    await expect(manager.executeSafely(down, 'orders.list', { ...once, correlationId: 'c', fallback: ({ name, errorClass, correlationId }) => `${name} ${errorClass.kind} ${correlationId}` })).resolves.toBe('orders.list connection c');
  });

  test('R12 also when the circuit is open', async () => {
    const { manager } = virtualManager();
    manager.breaker('orders').isolate();
    await expect(manager.executeSafely(never, 'orders.list', { fallback: async () => 'template' })).resolves.toBe('template');
  });

  test('R12 only for the kinds of error it was made for', async () => {
    const { manager } = virtualManager();
    const fallback = generatedFallback(() => 'template', ['timeout']);
    await expect(manager.executeSafely(down, 'orders.list', { ...once, fallback })).rejects.toThrow('ECONNREFUSED');
  });

  test('R12 a fallback that fails leaves the error of the call, and is reported', async () => {
    const { manager, events } = virtualManager();
    await expect(manager.executeSafely(down, 'orders.list', { ...once, fallback: noTemplate })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(events).toContainEqual(expect.objectContaining({ type: 'fallback.failed', error: expect.objectContaining({ message: 'template missing' }) }));
    expect(events).toContainEqual(expect.objectContaining({ type: 'agent_error' }));
  });

  test('R12 a fallback that hangs is given up after an attempt’s time', async () => {
    const { manager, clock, events } = virtualManager();
    let signal: AbortSignal | undefined;
    const outcome = watch(
      manager.executeSafely(down, 'orders.list', {
        retry: { maxAttempts: 1, attemptTimeoutMs: 1_000 },
        fallback: (context) => {
          ({ signal } = context);
          return never();
        },
      }),
    );
    await clock.advance(1_000);
    expect(outcome.error).toMatchObject({ code: 'ECONNREFUSED' });
    expect(signal?.reason).toBeInstanceOf(TimeoutError);
    expect(events.map((event) => event.type)).toContain('fallback.failed');
    await turns();
    expect(clock.pendingTimers).toBe(0);
  });

  test('R12 a cancelled call gets no substitute, before or during the fallback', async () => {
    const { manager } = virtualManager();
    const reason = new Error('user left');
    await expect(manager.executeSafely(never, 'orders.list', { signal: AbortSignal.abort(reason), fallback: () => 'template' })).rejects.toBe(reason);
    const run = new AbortController();
    const outcome = watch(manager.executeSafely(down, 'orders.list', { ...once, signal: run.signal, fallback: never }));
    await turns();
    run.abort(reason);
    await turns();
    expect(outcome.error).toBe(reason);
  });
});

describe('degraded mode', () => {
  const modes = {
    'llm.summarise': { note: 'no language model: figures only', answer: { text: 'n/a' } },
    llm: { note: 'no language model', answer: { text: 'off' } },
    '*': { note: 'service out', answer: null, kinds: ['timeout'] },
  } as const;

  test('R12 the configuration answers, the closest entry first', async () => {
    const { manager, events } = virtualManager();
    const fallback = degradedFallback(modes, parse);
    await expect(manager.executeSafely(down, 'llm.summarise', { ...once, fallback })).resolves.toBe('{"text":"n/a"} no language model: figures only');
    await expect(manager.executeSafely(down, 'llm.translate', { ...once, fallback })).resolves.toBe('{"text":"off"} no language model');
    await expect(manager.executeSafely(down, 'orders.list', { ...once, fallback })).rejects.toThrow('ECONNREFUSED');
    expect(events.filter((event) => event.type === 'fallback.used').map((event) => event.fallback)).toEqual(['degraded', 'degraded']);
  });

  test('R12 each answer is a fresh copy, of the configuration as it was given', async () => {
    const { manager } = virtualManager();
    const config = { orders: { note: '', answer: { list: [1] } } };
    const fallback = degradedFallback(config, (answer) => answer as { list: number[] });
    config.orders.answer.list.push(2);
    const first = await manager.executeSafely<{ list: number[] }>(down, 'orders.list', { ...once, fallback });
    first.list.push(3);
    await expect(manager.executeSafely(down, 'orders.list', { ...once, fallback })).resolves.toEqual({ list: [1] });
  });
});

describe('one after the other', () => {
  test('R12 the first that has an answer gives it; one that throws is passed over', async () => {
    const { manager, clock, events } = virtualManager();
    const cache = new LastGoodCache<string>(clock);
    const fallback = firstOf<string>(cache.fallback({ key: 'k' }), noTemplate, () => 'template');
    await expect(manager.executeSafely(down, 'orders.list', { ...once, fallback })).resolves.toBe('template');
    await manager.executeSafely(async () => 'good', 'orders.list', { fallback });
    await expect(manager.executeSafely(down, 'orders.list', { ...once, fallback })).resolves.toBe('good');
    expect(events.filter((event) => event.type === 'fallback.used').map((event) => event.ageMs)).toEqual([undefined, 0]);
    await expect(manager.executeSafely(missing, 'orders.list', { ...once, fallback: firstOf<string>(cache.fallback({ key: 'k' }), noTemplate) })).rejects.toThrow('no such order');
  });
});
