import { beforeEach, describe, expect, it } from 'vitest';
import { deadlineAfter } from '../../../src/core/deadline.ts';
import { createRng } from '../../../src/core/rng.ts';
import { AgentAsker, type DirectCall } from '../../../src/fleet/agents/ask.ts';
import type { AgentReply, AgentRequest } from '../../../src/fleet/agents/messages.ts';
import { ConnectorError } from '../../../src/fleet/error-codes.ts';
import { ReliabilityManager } from '../../../src/reliability/index.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';
import { FakeBus } from './fake-bus.ts';

const replies = 'agent.replies.here';
let clock: VirtualClock;
let bus: FakeBus;
let directly: Parameters<DirectCall>[];
let direct: DirectCall;

function asker(directCalls = true): AgentAsker {
  return new AgentAsker({ host: 'here', bus, clock, reliability: new ReliabilityManager({ clock, rng: createRng('ask'), enabled: directCalls }), direct: (...call) => direct(...call), directCalls });
}

beforeEach(() => {
  clock = new VirtualClock();
  bus = new FakeBus();
  directly = [];
  direct = async (...call) => {
    directly.push(call);
    return { by: 'http' };
  };
});

const requests = (): AgentRequest[] => bus.on<AgentRequest>('agent.order.requests');
async function reply(callId: string, answer: Partial<AgentReply> = {}): Promise<void> {
  await bus.publish(replies, [{ key: callId, value: { call_id: callId, agent: 'order', ok: true, output: { by: 'kafka' }, ...answer } }]);
  await bus.deliver();
}
const outcome = <T>(promise: Promise<T>): Promise<unknown> => promise.catch((error: unknown) => error);

describe('asking another agent', () => {
  it('F07 the reply with the request\'s call id is the answer; correlation id, user and deadline travel along', async () => {
    const asking = asker().ask('order', 'facts', { a: 1 }, { correlationId: 'c-1', userId: 'u', deadline: deadlineAfter(clock, 5_000) });
    await clock.advance(10);
    const [request] = requests();
    expect(request).toMatchObject({ reply_to: replies, action: 'facts', input: { a: 1 }, user_id: 'u' });
    const sent = bus.published[0];
    expect(sent?.correlationId).toBe('c-1');
    expect(Number(sent?.headers?.['x-netra-deadline-ms'])).toBe(clock.now() + 4_990);
    await reply('somebody else');
    await reply(request?.call_id ?? '');
    expect(await asking).toEqual({ by: 'kafka' });
    // A second answer to the same question is nobody's.
    await reply(request?.call_id ?? '', { output: { by: 'late' } });
    expect(directly).toEqual([]);
  });

  it('F07 answers may come in any order: each goes to its question', async () => {
    const one = asker();
    const asking = [1, 2, 3].map((n) => one.ask('order', 'facts', { n }));
    await clock.advance(10);
    for (const request of requests().toReversed()) await reply(request.call_id, { output: request.input });
    expect(await Promise.all(asking)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(bus.subscriptions).toHaveLength(1);
  });

  it('F07 the agent\'s own error is thrown with its code, and asked again only where it says so', async () => {
    const one = asker();
    const asking = outcome(one.ask('order', 'facts', {}));
    await clock.advance(10);
    await reply(requests()[0]?.call_id ?? '', { ok: false, error: { code: 'ACTION_UNKNOWN', message: 'no', severity: 'medium', recovery: 'fail' } } as unknown as Partial<AgentReply>);
    expect(await asking).toMatchObject({ code: 'ACTION_UNKNOWN', agent: 'order', retriable: false });
    const again = one.ask('order', 'facts', {});
    await clock.advance(10);
    await reply(requests()[1]?.call_id ?? '', { ok: false, error: { code: 'DATABASE_OVERLOADED', message: 'busy', severity: 'high', recovery: 'retry' } } as unknown as Partial<AgentReply>);
    await clock.advance(2_000);
    await reply(requests()[2]?.call_id ?? '');
    expect(await again).toEqual({ by: 'kafka' });
  });

  it('N07 no answer: an error at the caller\'s deadline, at 15 s at the latest; nothing is left waiting', async () => {
    const soon = outcome(asker().ask('order', 'facts', {}, { deadline: deadlineAfter(clock, 300) }));
    await clock.advance(301);
    expect(await soon).toMatchObject({ code: expect.stringMatching(/AGENT_NO_REPLY|DEADLINE_EXCEEDED/) });
    const far = outcome(asker().ask('order', 'facts', {}, { deadline: deadlineAfter(clock, 3_600_000) }));
    await clock.advance(15_001);
    expect(await far).toMatchObject({ code: expect.stringMatching(/AGENT_NO_REPLY|DEADLINE_EXCEEDED/) });
    expect(bus.listening).toBe(false);
  });

  it('R08 the caller\'s abort ends the question with its reason', async () => {
    const controller = new AbortController();
    const asking = outcome(asker().ask('order', 'facts', {}, { signal: controller.signal }));
    await clock.advance(10);
    controller.abort(new Error('not needed any more'));
    expect(await asking).toMatchObject({ message: 'not needed any more' });
    expect(bus.listening).toBe(false);
  });

  it('F08 with Kafka gone the question goes directly, at once', async () => {
    bus.set(false);
    expect(await asker().ask('order', 'facts', { a: 1 }, { correlationId: 'c-1', userId: 'u' })).toEqual({ by: 'http' });
    expect(directly[0]?.slice(0, 3)).toEqual(['order', 'facts', { a: 1 }]);
    expect(directly[0]?.[3]).toMatchObject({ correlationId: 'c-1', userId: 'u' });
    expect(bus.published).toEqual([]);
  });

  it('F08 Kafka that goes while an answer is waited for does not cost the whole deadline: the question goes directly', async () => {
    const asking = asker().ask('order', 'facts', {});
    await clock.advance(100);
    expect(requests()).toHaveLength(1);
    bus.set(false);
    expect(await asking).toEqual({ by: 'http' });
    expect(clock.monotonicMs()).toBe(100);
  });

  it('F08 a reply topic that cannot be joined sends the question directly, and the next one tries again', async () => {
    const one = asker();

    bus.joining = () => Promise.reject(new ConnectorError('KAFKA_UNAVAILABLE', 'no coordinator'));
    expect(await one.ask('order', 'facts', {})).toEqual({ by: 'http' });
    bus.joining = () => Promise.resolve();
    const asking = one.ask('order', 'facts', {});
    await clock.advance(10);
    await reply(requests()[0]?.call_id ?? '');
    expect(await asking).toEqual({ by: 'kafka' });
  });

  it('D11 with direct calls off there is Kafka or nothing', async () => {
    bus.set(false);
    const asking = outcome(asker(false).ask('order', 'facts', {}));
    await clock.advance(20_000);
    expect(await asking).toMatchObject({ code: 'KAFKA_UNAVAILABLE' });
    expect(directly).toEqual([]);
  });

  it('D10 an agent that does not answer three times opens its own breaker, no other\'s, for 5 s', async () => {
    const one = asker();
    direct = () => Promise.reject(new Error('connect ECONNREFUSED'));
    bus.set(false);
    const asking = outcome(one.ask('order', 'facts', {}));
    await clock.advance(5_000);
    await asking;
    const refused = outcome(one.ask('order', 'facts', {}));
    await clock.advance(0);
    direct = async () => ({ by: 'http' });
    expect(await one.ask('product', 'facts', {})).toEqual({ by: 'http' });
    await clock.advance(6_000);
    await refused;
    expect(await one.ask('order', 'facts', {})).toEqual({ by: 'http' });
  });

  it('F12 close does not wait for a group that is still being joined', async () => {
    const one = asker();
    bus.joining = () => new Promise(() => undefined);
    void one.listen();
    await expect(one.close(AbortSignal.abort(new Error('time is over')))).resolves.toBeUndefined();
  });
});
