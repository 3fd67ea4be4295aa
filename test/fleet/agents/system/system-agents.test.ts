import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AskAgent } from '../../../../src/fleet/agents/services.ts';
import { businessAgents } from '../../../../src/fleet/agents/business/index.ts';
import { DataAgent, type CollectedData } from '../../../../src/fleet/agents/system/data.ts';
import { DataHelperAgent } from '../../../../src/fleet/agents/system/data-helper.ts';
import { OpenJobs } from '../../../../src/fleet/agents/system/open-jobs.ts';
import { triage } from '../../../../src/fleet/agents/system/triage.ts';
import { VirtualClock } from '../../../helpers/virtual-clock.ts';
import { fakeServices } from '../agent-services.ts';

const period = { from: '2025-01-01', to: '2025-12-31' };
const sheet = (agent: string, value = 1, missing: string[] = []) => ({ agent, period, facts: [{ id: `${agent}.a`, agent, label: 'A', value, unit: 'count', display: String(value) }], missing, asOf: '2025-12-31' });
const call = { correlationId: 'c' };

/** Answers by agent name; an Error is thrown. */
function asking(answers: Record<string, unknown>): { ask: AskAgent; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    ask: async (agent) => {
      asked.push(agent);
      const answer = answers[agent];
      if (answer instanceof Error) throw answer;
      return answer as never;
    },
  };
}

describe('the data agent', () => {
  it('F06 asks all at once and puts their sheets together; one that fails is named, the others count', async () => {
    const { ask } = asking({ order: sheet('order', 1, ['refunds']), payment: new Error('timed out'), risk: { nonsense: true } });
    const agent = new DataAgent(fakeServices({ ask }));
    const collected = (await agent.invoke('collect', { agents: ['order', 'payment', 'risk'], period }, call)) as CollectedData;
    expect(collected.fact_sheets.map((each) => each.agent)).toEqual(['order']);
    expect(collected.missing).toEqual(['refunds', 'payment: gave no answer (timed out)', expect.stringMatching(/^risk: gave no answer/)]);
    expect(collected.unanswered).toEqual(['payment', 'risk']);
  });

  it('R12 F08 an agent that is gone is answered for by its last good sheet, and that is told', async () => {
    const answers: Record<string, unknown> = { order: sheet('order', 7) };
    const { ask } = asking(answers);
    const clock = new VirtualClock();
    const services = fakeServices({ ask, clock });
    const agent = new DataAgent(services);
    await agent.invoke('collect', { agents: ['order'], period }, call);
    answers['order'] = new Error('gone');
    await clock.advance(30_000);
    const collected = (await agent.invoke('collect', { agents: ['order'], period }, call)) as CollectedData;
    expect(collected).toMatchObject({ fact_sheets: [{ facts: [{ value: 7 }] }], unanswered: [] });
    expect(services.events).toEqual([{ type: 'fallback_triggered', agent: 'data', correlation_id: 'c', operation: 'order.facts', kind: 'cached', detail: 'answer of 30 s ago' }]);
    // Another period was never answered.
    expect(await agent.invoke('collect', { agents: ['order'], period: { ...period, to: '2025-06-30' } }, call)).toMatchObject({ fact_sheets: [], unanswered: ['order'] });
  });

  it('D11 with the fallback off there are no cached answers', async () => {
    const answers: Record<string, unknown> = { order: sheet('order') };
    const { ask } = asking(answers);
    const agent = new DataAgent(fakeServices({ ask, resilience: { fallback: false } }));
    await agent.invoke('collect', { agents: ['order'], period }, call);
    answers['order'] = new Error('gone');
    expect(await agent.invoke('collect', { agents: ['order'], period }, call)).toMatchObject({ fact_sheets: [], unanswered: ['order'] });
  });

  it('R08 one who gives up gets no half-made answer', async () => {
    const controller = new AbortController();
    const agent = new DataAgent(
      fakeServices({
        ask: () => {
          controller.abort(new Error('gave up'));
          return Promise.reject(new Error('gave up'));
        },
      }),
    );
    await expect(agent.invoke('collect', { agents: ['order'], period }, { ...call, signal: controller.signal })).rejects.toThrow('gave up');
  });
});

describe('the data helper', () => {
  it('D06 asks one after the other, and says what could not be had', async () => {
    const { ask, asked } = asking({ order: sheet('order'), payment: new Error('still down') });
    const agent = new DataHelperAgent(fakeServices({ ask }));
    expect(await agent.invoke('fetch_missing', { agents: ['payment', 'order'], period }, call)).toMatchObject({
      fact_sheets: [{ agent: 'order' }],
      missing: ['payment: gave no answer when asked again (still down)'],
      unanswered: ['payment'],
    });
    expect(asked).toEqual(['payment', 'order']);
  });

  it('N07 is asked for at least one agent', async () => {
    await expect(new DataHelperAgent(fakeServices()).invoke('fetch_missing', { agents: [], period }, call)).rejects.toMatchObject({ code: 'ACTION_INPUT_INVALID' });
  });
});

describe('triage', () => {
  it.each([
    ['Which shipments are late?', 'transport'],
    ['How are payments doing?', 'payment'],
    ['What is out of stock?', 'inventory'],
    ['Are there open FRAUD alerts?', 'fraud'],
  ])('F06 %j concerns %s before all others', (question, agent) => {
    const answer = triage(question, businessAgents);
    expect(answer.scope).toBe('focused');
    expect(answer.agents[0]).toBe(agent);
  });

  it('F06 a question about nothing in particular is broad: tiers 1 and 2', () => {
    expect(triage('How are we doing?', businessAgents)).toEqual({ agents: businessAgents.filter(({ tier }) => tier <= 2).map(({ name }) => name), matched: [], scope: 'broad' });
  });

  it('F06 whatever is asked, some agents are named, each once, and the same every time', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (question) => {
        const { agents, scope } = triage(question, businessAgents);
        expect(agents.length).toBeGreaterThan(0);
        expect(new Set(agents).size).toBe(agents.length);
        expect(scope === 'broad' || agents.length <= 6).toBe(true);
        expect(triage(question, businessAgents).agents).toEqual(agents);
      }),
    );
  });
});

describe('open jobs', () => {
  it('F12 are stale when silent while nothing else moves, or four times as long whatever moves', async () => {
    const clock = new VirtualClock();
    const jobs = new OpenJobs(clock);
    expect(jobs.isStale('unknown', 1_000)).toBe(false);
    await clock.advance(1_001);
    expect(jobs.isStale('unknown', 1_000)).toBe(true);
    jobs.touch('a');
    await clock.advance(900);
    jobs.settled('b');
    await clock.advance(500);
    expect(jobs.isStale('a', 1_000)).toBe(false);
    await clock.advance(501);
    expect(jobs.isStale('a', 1_000)).toBe(true);
    jobs.touch('a');
    for (let turn = 0; turn < 8; turn++) {
      await clock.advance(500);
      jobs.settled('b');
      expect(jobs.isStale('a', 1_000)).toBe(false);
    }
    await clock.advance(1);
    expect(jobs.isStale('a', 1_000)).toBe(true);
  });

  it('F12 one that is abandoned is stale at once and no longer with a host', () => {
    const jobs = new OpenJobs(new VirtualClock());
    jobs.dispatched('a');
    expect(jobs.isDispatched('a')).toBe(true);
    jobs.abandon('a');
    expect(jobs.isDispatched('a')).toBe(false);
    expect(jobs.isStale('a', 1_000)).toBe(true);
    expect([jobs.gatheringFailed('a'), jobs.gatheringFailed('a')]).toEqual([1, 2]);
    jobs.settled('a');
    expect(jobs.runIds).toEqual([]);
  });
});
