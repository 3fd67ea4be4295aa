import { describe, expect, it } from 'vitest';
import { BaseAgent } from '../../../src/fleet/agents/base-agent.ts';
import { AgentRegistry } from '../../../src/fleet/agents/registry.ts';
import type { AgentServices } from '../../../src/fleet/agents/services.ts';
import type { Subscription } from '../../../src/fleet/connectors/bus/message-bus.ts';
import { HostAgents } from '../../../src/fleet/host/host-agents.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';
import { fakeServices, type FakeServices } from '../agents/agent-services.ts';

const order: string[] = [];

class PlainAgent extends BaseAgent {
  readonly name: string;
  readonly #broken: () => boolean;
  constructor(services: AgentServices, name: string, broken: () => boolean = () => false) {
    super(services);
    this.name = name;
    this.#broken = broken;
  }
  protected override async initializeCustom(): Promise<void> {
    if (this.#broken()) throw new Error(`${this.name} does not come up`);
  }
  protected override subscribe(): readonly Promise<Subscription>[] {
    return [this.services.bus.subscribe({ topic: this.name, group: this.name, handle: () => Promise.resolve() })];
  }
  override async gracefulShutdown(signal?: AbortSignal): Promise<void> {
    order.push(`${this.name} ends`);
    await super.gracefulShutdown(signal);
    order.push(`${this.name} ended`);
  }
}

function hosting(registry: AgentRegistry): { agents: HostAgents; clock: VirtualClock; services: FakeServices } {
  const clock = new VirtualClock();
  const services = fakeServices({ clock });
  return { agents: new HostAgents(registry, 'business', () => services, clock, services.logger), clock, services };
}

const define = (name: string, create: (services: AgentServices) => BaseAgent, leads = false) => ({ name, summary: '', role: 'business' as const, leads, create });

describe('the agents of a host', () => {
  it('F06 are made by their factories only, once each; a name that is taken, unknown or another\'s is a bug', () => {
    const services = fakeServices();
    const registry = new AgentRegistry().register(define('a', (given) => new PlainAgent(given, 'a'))).register(define('b', (given) => new PlainAgent(given, 'not-b')));
    expect(() => registry.register(define('a', (given) => new PlainAgent(given, 'a')))).toThrow(`two agents are called 'a'`);
    expect(registry.create('a', services)).not.toBe(registry.create('a', services));
    expect(() => registry.create('c', services)).toThrow(`no agent is called 'c'`);
    expect(() => registry.create('b', services)).toThrow(`the factory of 'b' made an agent called 'not-b'`);
    expect(registry.forRole('control')).toEqual([]);
    expect(registry.forRole('business').map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('F11 one whose initialisation throws takes no other down, and is made anew until it is up', async () => {
    let broken = true;
    const made: BaseAgent[] = [];
    const registry = new AgentRegistry().register(define('well', (services) => new PlainAgent(services, 'well'))).register(
      define('ill', (services) => {
        const agent = new PlainAgent(services, 'ill', () => broken);
        made.push(agent);
        return agent;
      }),
    );
    const { agents, clock, services } = hosting(registry);
    await agents.start();
    expect(agents.get('well')?.status).toBe('ready');
    expect(agents.get('ill')?.status).toBe('failed');
    expect(agents.allUp()).toBe(false);
    await clock.advance(2_000);
    expect(made).toHaveLength(2);
    broken = false;
    await clock.advance(2_000);
    expect(made).toHaveLength(3);
    expect(agents.get('ill')).toBe(made[2]);
    expect(agents.allUp()).toBe(true);
    await clock.advance(60_000);
    expect(made).toHaveLength(3);
    // What the failed ones had joined, they have left.
    expect(services.fakes.bus.subscriptions.map(({ topic, stopped }) => `${topic} ${stopped ? 'left' : 'joined'}`).toSorted()).toEqual(['ill joined', 'ill left', 'ill left', 'well joined']);
    expect(services.lines.filter(({ message }) => message.includes('made anew')).map(({ fields }) => fields['agent'])).toEqual(['ill', 'ill']);
  });

  it('F11 one whose factory throws takes no other down either', async () => {
    let calls = 0;
    const registry = new AgentRegistry().register(define('well', (services) => new PlainAgent(services, 'well'))).register(
      define('ill', (services) => {
        if (++calls < 3) throw new Error('constructor');
        return new PlainAgent(services, 'ill');
      }),
    );
    const { agents, clock } = hosting(registry);
    await agents.start();
    expect(agents.get('well')?.status).toBe('ready');
    expect(agents.get('ill')).toBeUndefined();
    await clock.advance(4_000);
    expect(agents.allUp()).toBe(true);
  });

  it('F11 one whose shutdown throws keeps no other from ending', async () => {
    class Stubborn extends PlainAgent {
      override gracefulShutdown(): Promise<void> {
        return Promise.reject(new Error('not me'));
      }
    }
    const registry = new AgentRegistry().register(define('stubborn', (services) => new Stubborn(services, 'stubborn'))).register(define('well', (services) => new PlainAgent(services, 'well')));
    const { agents, services } = hosting(registry);
    await agents.start();
    await agents.stop(AbortSignal.timeout(1_000));
    expect(agents.get('well')?.status).toBe('stopped');
    expect(services.lines.find(({ message }) => message.includes('did not end cleanly'))?.fields).toMatchObject({ agent: 'stubborn' });
  });

  it('F12 those that lead end before those whom they ask', async () => {
    const registry = new AgentRegistry()
      .register(define('helper', (services) => new PlainAgent(services, 'helper')))
      .register(define('leader', (services) => new PlainAgent(services, 'leader'), true));
    const { agents } = hosting(registry);
    await agents.start();
    order.length = 0;
    await agents.stop(AbortSignal.timeout(1_000));
    expect(order).toEqual(['leader ends', 'leader ended', 'helper ends', 'helper ended']);
  });

  it('F12 none is made anew once the host stops', async () => {
    let made = 0;
    const registry = new AgentRegistry().register(
      define('ill', (services) => {
        made += 1;
        return new PlainAgent(services, 'ill', () => true);
      }),
    );
    const { agents, clock } = hosting(registry);
    await agents.start();
    await agents.stop(AbortSignal.timeout(1_000));
    await clock.advance(60_000);
    expect(made).toBe(1);
  });
});
