import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Group } from '../../../../src/infra/embedded/kafka/groups/group.ts';
import type { JoinRequest, JoinResult, SyncResult } from '../../../../src/infra/embedded/kafka/groups/group-member.ts';
import { kafkaError } from '../../../../src/infra/embedded/kafka/protocol/kafka-error.ts';
import { GroupSimulation } from './group-simulation.ts';

const SESSION_MS = 1000;
const REBALANCE_MS = 3000;

function newGroup(initialRebalanceDelayMs = 0): Group {
  let ids = 0;
  return new Group({ initialRebalanceDelayMs, newMemberId: (clientId) => `${clientId}-${++ids}` });
}

function request(memberId = '', overrides: Partial<JoinRequest> = {}): JoinRequest {
  return {
    memberId,
    clientId: 'client',
    clientHost: '/127.0.0.1',
    sessionTimeoutMs: SESSION_MS,
    rebalanceTimeoutMs: REBALANCE_MS,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.from('subscription') }],
    requireKnownMemberId: false,
    ...overrides,
  };
}

/** Holds the answer that came, if one did. */
function mailbox<T>(): { readonly answer: (value: T) => void; readonly received: T[] } {
  const received: T[] = [];
  return { answer: (value) => void received.push(value), received };
}

function join(group: Group, nowMs: number, memberId = '', overrides: Partial<JoinRequest> = {}): JoinResult[] {
  const { answer, received } = mailbox<JoinResult>();
  group.join(request(memberId, overrides), nowMs, answer);
  return received;
}

function sync(group: Group, nowMs: number, memberId: string, generation: number, assignments: Record<string, string> = {}): SyncResult[] {
  const { answer, received } = mailbox<SyncResult>();
  group.sync({ memberId, generation, assignments: Object.entries(assignments).map(([id, text]) => ({ memberId: id, assignment: Buffer.from(text) })) }, nowMs, answer);
  return received;
}

function offer(...names: string[]): Partial<JoinRequest> {
  return { protocols: names.map((name) => ({ name, metadata: Buffer.from(name) })) };
}

/** Two members, `client-1` leading, in a stable second generation. */
function stablePair(): Group {
  const group = newGroup();
  join(group, 0);
  join(group, 0);
  join(group, 0, 'client-1');
  sync(group, 0, 'client-1', 2, { 'client-1': 'left', 'client-2': 'right' });
  sync(group, 0, 'client-2', 2);
  expect(group.stateName).toBe('Stable');
  return group;
}

describe('Group', () => {
  test('P01 the first member leads alone; a second one makes the first join again', () => {
    const group = newGroup();
    expect(join(group, 0)).toEqual([{ error: 0, generation: 1, protocol: 'range', leaderId: 'client-1', memberId: 'client-1', members: [{ memberId: 'client-1', metadata: Buffer.from('subscription') }] }]);
    const second = join(group, 1);
    expect(second).toEqual([]);
    expect(group.heartbeat('client-1', 1, 2)).toBe(kafkaError.REBALANCE_IN_PROGRESS);
    const first = join(group, 3, 'client-1');
    expect([first[0]?.generation, first[0]?.members.length, second[0]?.generation, second[0]?.members.length]).toEqual([2, 2, 2, 0]);
  });

  test('P01 a rebalance goes on without a member that does not join again in time', () => {
    const group = stablePair();
    const third = join(group, 100);
    join(group, 200, 'client-1');
    group.tick(REBALANCE_MS + 99);
    expect(third).toHaveLength(1);
    expect(third[0]).toMatchObject({ error: 0, generation: 3 });
    expect(group.heartbeat('client-2', 2, REBALANCE_MS + 99)).toBe(kafkaError.UNKNOWN_MEMBER_ID);
  });

  test('P01 a silent member loses its place when its session is over, and not before', () => {
    const group = stablePair();
    group.heartbeat('client-1', 2, 900);
    group.tick(SESSION_MS - 1);
    expect(group.stateName).toBe('Stable');
    expect(group.nextDeadlineMs).toBe(SESSION_MS);
    group.tick(SESSION_MS);
    expect(group.stateName).toBe('PreparingRebalance');
    expect(join(group, 1100, 'client-1')[0]).toMatchObject({ error: 0, generation: 3, leaderId: 'client-1' });
  });

  test('P01 a member that joined and never asks for its assignment is put out', () => {
    const group = newGroup();
    join(group, 0, '', { sessionTimeoutMs: 60_000 });
    join(group, 0, '', { sessionTimeoutMs: 60_000 });
    join(group, 0, 'client-1', { sessionTimeoutMs: 60_000 });
    const waiting = sync(group, 1, 'client-2', 2);
    group.tick(REBALANCE_MS);
    expect(waiting).toEqual([{ error: kafkaError.REBALANCE_IN_PROGRESS, assignment: Buffer.alloc(0) }]);
    expect(join(group, REBALANCE_MS + 1, 'client-2')[0]).toMatchObject({ generation: 3, leaderId: 'client-2' });
  });

  test('P01 having asked for an assignment once does not count for the next generation', () => {
    const group = stablePair();
    const third = join(group, 10);
    join(group, 10, 'client-1');
    join(group, 10, 'client-2');
    expect(third[0]?.generation).toBe(3);
    sync(group, 10, 'client-1', 3, { 'client-1': 'all' });
    for (const nowMs of [900, 1800, 2700]) for (const id of ['client-1', 'client-2', 'client-3']) group.heartbeat(id, 3, nowMs);
    group.tick(REBALANCE_MS + 10);
    expect([group.heartbeat('client-2', 3, REBALANCE_MS + 10), group.heartbeat('client-1', 3, REBALANCE_MS + 10)]).toEqual([kafkaError.UNKNOWN_MEMBER_ID, kafkaError.REBALANCE_IN_PROGRESS]);
  });

  test('P01 a member that the leader leaves out has nothing, whatever it had before', () => {
    const group = stablePair();
    join(group, 10, 'client-1');
    join(group, 10, 'client-2');
    sync(group, 10, 'client-1', 3, { 'client-1': 'all' });
    expect(sync(group, 10, 'client-2', 3)).toEqual([{ error: 0, assignment: Buffer.alloc(0) }]);
  });

  test('P01 the session of a member cannot run out while it waits for the group', () => {
    const group = stablePair();
    const waiting = join(group, 10, 'client-1');
    for (const nowMs of [900, 1800]) {
      group.heartbeat('client-2', 2, nowMs);
      group.tick(nowMs);
    }
    expect(waiting).toEqual([]);
    join(group, 2000, 'client-2');
    expect(waiting[0]).toMatchObject({ error: 0, generation: 3, leaderId: 'client-1' });
  });

  test('P01 only the leader of the current generation decides', () => {
    const group = newGroup();
    join(group, 0);
    join(group, 0);
    join(group, 0, 'client-1');
    const follower = sync(group, 0, 'client-2', 2, { 'client-2': 'mine, all mine' });
    expect(sync(group, 0, 'client-1', 1, { 'client-1': 'from the past' })).toEqual([{ error: kafkaError.ILLEGAL_GENERATION, assignment: Buffer.alloc(0) }]);
    expect(follower).toEqual([]);
    sync(group, 0, 'client-1', 2, { 'client-1': 'left', 'client-2': 'right' });
    expect(String(follower[0]?.assignment)).toBe('right');
    expect(String(sync(group, 0, 'client-2', 2)[0]?.assignment)).toBe('right');
  });

  test('P01 newcomers within the initial delay share the first generation', () => {
    const group = newGroup(50);
    const first = join(group, 0);
    group.tick(49);
    const second = join(group, 49);
    group.tick(50);
    expect([first, second]).toEqual([[], []]);
    group.tick(99);
    expect([first, second].map(([result]) => result?.generation)).toEqual([undefined, undefined]);
    group.tick(100);
    expect([first, second].map(([result]) => result?.generation)).toEqual([1, 1]);
  });

  test('P01 a promised id is waited for in a rebalance, kept for one session, and worth nothing afterwards', () => {
    const group = newGroup();
    join(group, 0);
    const [promised] = join(group, 0, '', { requireKnownMemberId: true });
    expect(promised).toMatchObject({ error: kafkaError.MEMBER_ID_REQUIRED, memberId: 'client-2' });
    sync(group, 0, 'client-1', 1, { 'client-1': 'all' });
    const again = join(group, 500, 'client-1');
    expect(again).toEqual([]);
    group.tick(SESSION_MS);
    expect(again[0]).toMatchObject({ error: 0, generation: 2 });
    expect(join(group, SESSION_MS + 1, 'client-2')[0]?.error).toBe(kafkaError.UNKNOWN_MEMBER_ID);
  });

  test('P01 a strategy that everybody shares is chosen, and a member that shares none is refused', () => {
    const group = newGroup();
    join(group, 0, '', offer('sticky', 'range'));
    const second = join(group, 0, '', offer('range'));
    join(group, 0, 'client-1', offer('sticky', 'range'));
    expect(second[0]?.protocol).toBe('range');
    expect(join(group, 0, '', offer('sticky'))[0]?.error).toBe(kafkaError.INCONSISTENT_GROUP_PROTOCOL);
    expect(join(group, 0, '', { protocolType: 'connect' })[0]?.error).toBe(kafkaError.INCONSISTENT_GROUP_PROTOCOL);
  });

  test('P01 a join that is repeated after its answer was lost changes nothing', () => {
    const group = stablePair();
    expect(join(group, 1, 'client-2')[0]).toMatchObject({ error: 0, generation: 2, leaderId: 'client-1', members: [] });
    expect(group.stateName).toBe('Stable');
  });

  test('P01 offsets are taken from members of the current generation, and from anybody while there are none', () => {
    const group = newGroup();
    expect(group.checkCommit('', -1, 0)).toBe(kafkaError.NONE);
    const pair = stablePair();
    expect(pair.checkCommit('client-1', 2, 0)).toBe(kafkaError.NONE);
    expect(pair.checkCommit('client-1', 1, 0)).toBe(kafkaError.ILLEGAL_GENERATION);
    expect(pair.checkCommit('stranger', 2, 0)).toBe(kafkaError.UNKNOWN_MEMBER_ID);
    expect(pair.checkCommit('', -1, 0)).toBe(kafkaError.UNKNOWN_MEMBER_ID);
    expect(pair.leave('client-2', 0)).toBe(kafkaError.NONE);
    expect(pair.checkCommit('client-1', 2, 0)).toBe(kafkaError.NONE);
    join(pair, 0, 'client-1');
    expect(pair.checkCommit('client-1', 3, 0)).toBe(kafkaError.REBALANCE_IN_PROGRESS);
  });

  test('P01 a group is deleted only when empty, and answers nobody afterwards', () => {
    const group = stablePair();
    expect(group.delete()).toBe(kafkaError.NON_EMPTY_GROUP);
    group.leave('client-1', 0);
    group.leave('client-2', 0);
    expect(group.stateName).toBe('Empty');
    expect(group.delete()).toBe(kafkaError.NONE);
    expect(group.delete()).toBe(kafkaError.GROUP_ID_NOT_FOUND);
    expect(join(group, 0)[0]?.error).toBe(kafkaError.COORDINATOR_NOT_AVAILABLE);
  });

  test('P01 a broker that goes down answers everybody who waits', () => {
    const group = stablePair();
    const newcomer = join(group, 0);
    group.shutdown();
    expect(newcomer[0]?.error).toBe(kafkaError.COORDINATOR_NOT_AVAILABLE);
    expect(group.nextDeadlineMs).toBeUndefined();
  });

  test('P01 in no order of joins, syncs, heartbeats, leaves, crashes and timeouts do two members own a partition in one generation', () => {
    const lives = fc.property(fc.constantFrom(0, 20), fc.array(GroupSimulation.steps, { maxLength: 120 }), (delayMs, steps) => {
      const simulation = new GroupSimulation(delayMs);
      for (const step of steps) simulation.take(step);
      simulation.settle();
    });
    expect(() => fc.assert(lives, { numRuns: 1000 })).not.toThrow();
  });
});
