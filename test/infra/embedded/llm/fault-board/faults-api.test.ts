import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../helpers/virtual-clock.ts';
import { until } from '../../../../helpers/until.ts';
import { ask } from '../ask.ts';
import { FaultGateway } from '../fault-gateway.ts';
import { promptOf } from '../sample-facts.ts';

let gateway: FaultGateway;
beforeEach(async () => {
  gateway = await FaultGateway.start();
});
afterEach(() => gateway[Symbol.asyncDispose]());

/** The statuses of questions asked one after the other; 200 for an answer. */
async function statuses(count: number, headers: Record<string, string> = {}, stream = false): Promise<(number | undefined)[]> {
  const results: (number | undefined)[] = [];
  for (let asked = 0; asked < count; asked++) {
    const { error } = await ask(gateway.client, stream, headers).done;
    results.push(error === undefined ? 200 : error.status);
  }
  return results;
}

/** An answer with a figure that this seed makes wrong. */
async function wrong(seed: string): Promise<string> {
  await gateway.put({ id: 'f', type: 'wrong-value', seed });
  const { text } = await ask(gateway.client, false).done;
  await gateway.put();
  return text;
}

describe('the list of faults', () => {
  it('P02 a call is touched by the first fault that matches and is due, and by no other', async () => {
    await gateway.put(
      { id: 'limit', type: 'rate-limit', trigger: { first: 2 } },
      { id: 'fail', type: 'server-error', trigger: { first: 2 } },
      { id: 'fence', type: 'fenced-json', trigger: { nth: 2 } },
    );
    expect(await statuses(6)).toEqual([429, 429, 500, 500, 200, 200]);
    expect(await gateway.faults()).toMatchObject([
      { id: 'limit', calls_seen: 6, calls_affected: 2 },
      { id: 'fail', calls_seen: 4, calls_affected: 2 },
      { id: 'fence', calls_seen: 2, calls_affected: 1 },
    ]);
    expect((await gateway.responses(6)).map(({ fault }) => fault)).toEqual(['limit', 'limit', 'fail', 'fail', null, 'fence']);
  });

  it('P02 a fault that has nothing to do with a call leaves it to those behind it', async () => {
    await gateway.put({ id: 'stall', type: 'body-stall', match: { stream: true } }, { id: 'chunk', type: 'duplicate-chunk' }, { id: 'long', type: 'context-too-long', limit_tokens: 1_000_000 }, { id: 'fail', type: 'server-error' });
    expect(await statuses(1)).toEqual([500]);
    expect((await gateway.faults()).map(({ calls_affected }) => calls_affected)).toEqual([0, 0, 0, 1]);
  });

  it.each<[string, object, Record<string, string>, boolean]>([
    ['host', { host: 'reporting-1' }, { 'x-netra-host': 'reporting-1' }, false],
    ['agent', { agent: ['reporting', 'data'] }, { 'x-netra-agent': 'data' }, false],
    ['section', { section: 'summary' }, { 'x-netra-section': 'summary' }, false],
    ['job', { job: ['j1', 'j2'] }, { 'x-netra-run-id': 'j2' }, false],
    ['user', { user: 'u1' }, { 'x-netra-user-id': 'u1' }, false],
    ['stream', { stream: true }, {}, true],
    ['several', { section: 'summary', job: 'j1', stream: false }, { 'x-netra-section': 'summary', 'x-netra-run-id': 'j1' }, false],
  ])('P02 matches by %s', async (_by, match, headers, stream) => {
    await gateway.put({ id: 'f', type: 'server-error', match });
    expect(await statuses(1, headers, stream)).toEqual([500]);
    const others = Object.fromEntries(Object.keys(headers).map((name) => [name, 'another']));
    expect(await statuses(2, others, Object.keys(headers).length === 0 ? !stream : stream)).toEqual([200, 200]);
    expect(await gateway.faults()).toMatchObject([{ calls_seen: 1 }]);
  });

  it('P02 matches by model', async () => {
    await gateway.put({ id: 'f', type: 'server-error', match: { model: 'gpt-4' } });
    expect((await ask(gateway.client, false, {}, { model: 'gpt-4' }).done).error?.status).toBe(500);
    expect(await statuses(1)).toEqual([200]);
  });

  it('P02 PUT replaces the list; what is the same goes on counting, what is gone is told with its count', async () => {
    const first = { id: 'a', type: 'rate-limit', trigger: { first: 2 } };
    await gateway.put(first, { id: 'b', type: 'server-error', trigger: { first: 1 } });
    expect(await statuses(2)).toEqual([429, 429]);
    expect(await statuses(1)).toEqual([500]);
    expect(await gateway.put({ id: 'c', type: 'bad-key', trigger: { first: 1 } }, first)).toMatchObject({ faults: [{ id: 'c', calls_seen: 0 }, { id: 'a', calls_seen: 3, calls_affected: 2 }], removed: [{ id: 'b', calls_affected: 1 }] });
    expect(await statuses(2)).toEqual([401, 200]);
    expect(await gateway.put({ ...first, trigger: { first: 3 } })).toMatchObject({ faults: [{ id: 'a', calls_seen: 0 }], removed: [{ id: 'c' }, { id: 'a', calls_affected: 2 }] });
    expect(await gateway.put()).toMatchObject({ faults: [], removed: [{ id: 'a' }] });
    expect(await statuses(1)).toEqual([200]);
  });

  it('P02 the list shows what was sent', async () => {
    const fault = { id: 'f', type: 'rate-limit', retry_after_ms: 1_000, trigger: { every: 2 }, match: { section: ['summary'] }, seed: '7' };
    await gateway.put(fault);
    expect(await gateway.faults()).toEqual([{ ...fault, calls_seen: 0, calls_affected: 0 }]);
  });
});

describe('validation', () => {
  it('N07 all that is wrong is told at once, and nothing is installed', async () => {
    await gateway.put({ id: 'old', type: 'server-error', trigger: { first: 1 } });
    const { status, body } = await gateway.send({
      faults: [
        { id: 'a', type: 'ratelimit' },
        { id: 'b', type: 'rate-limit', retry_after: 5, trigger: { first: 0 }, match: { sections: 'summary' } },
        { id: 'b', type: 'rate-limit', trigger: { first: 1, every: 2 } },
        { type: 'slow-headers', delay_ms: '5s' },
        7,
      ],
      more: 1,
    });
    expect(status).toBe(400);
    expect(body.problems.map(({ where }) => where).toSorted()).toEqual(
      ['body', 'faults[0].type', 'faults[1].match.sections', 'faults[1].retry_after', 'faults[1].trigger.first', 'faults[2].id', 'faults[2].trigger', 'faults[3].delay_ms', 'faults[3].id', 'faults[4]'].toSorted(),
    );
    expect(body.problems.find(({ where }) => where === 'faults[0].type')?.fix).toMatch(/^did you mean "rate-limit"\?/);
    expect(body.problems.find(({ where }) => where === 'faults[1].retry_after')?.fix).toMatch(/^did you mean "retry_after_ms"\?/);
    expect(body.problems.find(({ where }) => where === 'faults[2].trigger')).toMatchObject({ what: 'names none or several', fix: expect.stringContaining('exactly one') as string });
    expect(body.error.message).toContain('faults[4] names no type; add "type"');
    expect(await gateway.faults()).toMatchObject([{ id: 'old' }]);
  });

  it.each([
    ['no JSON', '{"faults":', 'is not JSON'],
    ['no list', '{"faults": {}}', 'has no list "faults"'],
    ['an array', '[]', 'has no list "faults"'],
  ])('N07 %s is told', async (_what, text, problem) => {
    const { status, body } = await gateway.send(text);
    expect(status).toBe(400);
    expect(body.problems[0]?.what).toContain(problem);
  });

  it('N07 other methods are refused', async () => {
    expect((await fetch(gateway.faultsUrl, { method: 'DELETE' })).status).toBe(405);
  });
});

describe('probability', () => {
  const questions = Array.from({ length: 40 }, (_, index) => promptOf({ question: `Question ${index % 20}?` }));

  /** Which of the questions fail, asked in this order; the second time that one is asked is another draw. */
  async function failing(seed: string, order: readonly number[]): Promise<string[]> {
    await gateway.put({ id: 'f', type: 'server-error', trigger: { probability: 0.4 }, seed });
    const repetition = new Map<number, number>();
    const failed: string[] = [];
    for (const index of order) {
      const question = index % 20;
      repetition.set(question, (repetition.get(question) ?? 0) + 1);
      const { error } = await ask(gateway.client, false, {}, { messages: questions[index], max_tokens: 1 }).done;
      if (error !== undefined) failed.push(`${question}/${repetition.get(question)}`);
    }
    await gateway.put();
    return failed.toSorted();
  }

  it('P02 the same seed fails the same calls in any order, another seed others', async () => {
    const order = questions.map((_, index) => index);
    const first = await failing('7', order);
    expect(first.length).toBeGreaterThan(8);
    expect(first.length).toBeLessThan(26);
    expect(await failing('7', order)).toEqual(first);
    expect(await failing('7', order.toReversed())).toEqual(first);
    expect(await failing('8', order)).not.toEqual(first);
  });

  it('P02 what a fault draws itself repeats too', async () => {
    const first = await wrong('a');
    expect(await wrong('a')).toBe(first);
    const others = new Set<string>();
    for (let seed = 0; seed < 8; seed++) others.add(await wrong(String(seed)));
    expect(others.size).toBeGreaterThan(2);
  });
});

describe('time', () => {
  it('P02 windows open and close by the clock, from when the fault was installed', async () => {
    const clock = new VirtualClock();
    await gateway[Symbol.asyncDispose]();
    gateway = await FaultGateway.start({ clock });
    await clock.advance(500);
    await gateway.put({ id: 'f', type: 'server-error', trigger: { window: { from_ms: 1_000, to_ms: 3_000 } } });
    expect(await statuses(1)).toEqual([200]);
    await clock.advance(1_000);
    expect(await statuses(2)).toEqual([500, 500]);
    await clock.advance(2_000);
    expect(await statuses(1)).toEqual([200]);
  });

  it('P02 a quota of requests is whole again in the next window, and its Retry-After names that', async () => {
    const clock = new VirtualClock();
    await gateway[Symbol.asyncDispose]();
    gateway = await FaultGateway.start({ clock });
    await gateway.put({ id: 'f', type: 'window-quota', window_ms: 60_000, requests: 2 });
    expect(await statuses(2)).toEqual([200, 200]);
    await clock.advance(45_000);
    const { error } = await ask(gateway.client, false).done;
    expect([error?.status, error?.headers?.get('retry-after'), error?.headers?.get('retry-after-ms')]).toEqual([429, '15', '15000']);
    await clock.advance(15_000);
    expect(await statuses(3)).toEqual([200, 200, 429]);
    expect(await gateway.faults()).toMatchObject([{ calls_seen: 6, calls_affected: 2 }]);
  });

  it('P02 a quota of tokens counts what the model has spent', async () => {
    await gateway.put({ id: 'f', type: 'window-quota', window_ms: 60_000, tokens: 1_500 });
    const results = await statuses(8);
    const passed = results.indexOf(429);
    expect(passed).toBeGreaterThan(0);
    expect(results.slice(passed).every((status) => status === 429)).toBe(true);
    const tokens = (await gateway.responses(passed, (line) => line.status === 200)).map((line) => (line['prompt_tokens'] as number) + (line['completion_tokens'] as number));
    const sum = (count: number): number => tokens.slice(0, count).reduce((total, each) => total + each, 0);
    expect(sum(passed)).toBeGreaterThanOrEqual(1_500);
    expect(sum(passed - 1)).toBeLessThan(1_500);
  });

  it.each(['slow-headers', 'slow-first-token'])('P02 %s is over when it is taken back, also for calls that wait', async (type) => {
    await gateway.put({ id: 'f', type });
    const asking = ask(gateway.client, true);
    await until(async () => (await gateway.affected('f')) === 1, 'the call to wait');
    expect(asking.settled()).toBe(false);
    await gateway.put();
    expect(await asking.done).toMatchObject({ finishReason: 'stop' });
  });

  it('P02 a stream that has once stalled stays so when the fault is taken back', async () => {
    await gateway.put({ id: 'f', type: 'mid-stream-stall' });
    const asking = ask(gateway.client, true);
    await until(() => asking.text() !== '', 'the first text');
    await gateway.put();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asking.settled()).toBe(false);
    asking.abort();
    await asking.done;
    expect(await gateway.responses(1)).toMatchObject([{ fault: 'f', outcome: 'client_closed' }]);
  });

  it('F12 the gateway closes while calls hang in every kind of stall', async () => {
    const types = ['slow-headers', 'slow-first-token', 'mid-stream-stall', 'stall-with-heartbeats', 'linger-after-done', 'timeout-after-commit'];
    await gateway.put(...types.map((type) => ({ id: type, type, match: { job: type } })));
    const asking = types.map((type) => ask(gateway.client, false, { 'x-netra-run-id': type }));
    await until(async () => (await gateway.faults()).every(({ calls_affected }) => calls_affected === 1), 'all to hang');
    await gateway.gateway.close();
    const outcomes = await Promise.all(asking.map(({ done }) => done));
    expect(outcomes.every(({ error }) => error !== undefined)).toBe(true);
    expect((await gateway.responses(types.length)).map(({ fault }) => fault).toSorted((left, right) => String(left).localeCompare(String(right)))).toEqual(types.toSorted((left, right) => left.localeCompare(right)));
  });
});

describe('the log', () => {
  it('C06 knows what was spent on an answer that nobody got', async () => {
    await gateway.put({ id: 'f', type: 'timeout-after-commit', how: 'reset' });
    expect((await ask(gateway.client, false).done).error).toBeDefined();
    const [line] = await gateway.responses(1);
    expect(line).toMatchObject({ fault: 'f', status: null, outcome: 'error' });
    expect(line?.['completion_tokens']).toBeGreaterThan(50);
  });

  it('C06 names the host that asks', async () => {
    await statuses(1, { 'x-netra-host': 'reporting-2' });
    await statuses(1);
    expect((await gateway.responses(2)).map((line) => line['host'])).toEqual(['reporting-2', null]);
  });
});

describe('a stale answer', () => {
  it.each([true, false])('P02 is the first one, given to every later question (streamed: %s)', async (stream) => {
    await gateway.put({ id: 'f', type: 'stale-answer' });
    const about = async (section: string): Promise<string> => (await ask(gateway.client, stream, {}, { messages: promptOf({ section }) }).done).text;
    const first = await about('summary');
    expect(await about('action_items')).toBe(first);
    expect(await gateway.faults()).toMatchObject([{ calls_seen: 2, calls_affected: 1 }]);
    await gateway.put();
    expect(await about('action_items')).not.toBe(first);
  });
});
