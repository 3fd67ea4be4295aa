import { strict as assert } from 'node:assert';
import * as fc from 'fast-check';
import { Group } from '../../../../src/infra/embedded/kafka/groups/group.ts';
import type { JoinResult, SyncResult } from '../../../../src/infra/embedded/kafka/groups/group-member.ts';
import { kafkaError, type KafkaErrorCode } from '../../../../src/infra/embedded/kafka/protocol/kafka-error.ts';

const CLIENTS = 4;
const PARTITIONS = 5;
const SESSION_MS = 1000;
const REBALANCE_MS = 3000;

type StepKind = 'join' | 'sync' | 'heartbeat' | 'leave' | 'crash' | 'stale-sync' | 'wait';
interface Step {
  readonly kind: StepKind;
  readonly client: number;
  readonly amount: number;
}

interface SimulatedClient {
  memberId: string;
  generation: number;
  joined: JoinResult | undefined;
  /** A request under way: the answer to an earlier one of the same client may still come, and is then not its business. */
  pending: 'join' | 'sync' | undefined;
  /** The last generation in which it was told its share. */
  synced: number;
}

/**
 * Up to four clients that behave as the protocol allows, and some that do not (a leader of a generation
 * gone by), against one group; every answer is checked against what a consumer group promises.
 */
export class GroupSimulation {
  static readonly steps: fc.Arbitrary<Step> = fc.record({
    kind: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom<StepKind>('join', 'sync') },
      { weight: 2, arbitrary: fc.constant<StepKind>('heartbeat') },
      { weight: 2, arbitrary: fc.constant<StepKind>('wait') },
      { weight: 1, arbitrary: fc.constantFrom<StepKind>('leave', 'crash', 'stale-sync') },
    ),
    client: fc.nat({ max: CLIENTS - 1 }),
    amount: fc.integer({ min: 1, max: 2500 }),
  });

  readonly #group: Group;
  readonly #clients: SimulatedClient[] = Array.from({ length: CLIENTS }, () => newClient());
  readonly #owners = new Map<string, string>();
  readonly #leaders = new Map<number, string>();
  #nowMs = 0;
  #unanswered = 0;
  #latestGeneration = 0;

  constructor(initialRebalanceDelayMs: number) {
    let ids = 0;
    this.#group = new Group({ initialRebalanceDelayMs, newMemberId: (clientId) => `${clientId}-${++ids}` });
  }

  take({ kind, client: index, amount }: Step): void {
    const client = this.#clients[index] as SimulatedClient;
    if (kind === 'wait') this.#wait(amount);
    else if (kind === 'join') this.#join(client, amount);
    else if (kind === 'sync') this.#sync(client, client.generation);
    else if (kind === 'stale-sync') this.#sync(client, client.generation - 1);
    else if (kind === 'heartbeat') this.#heartbeat(client);
    else if (kind === 'leave') this.#leave(client);
    else this.#clients[index] = newClient();
    this.#checkDeadline();
  }

  /** Whatever has happened: living clients reach a stable group, and once all are gone nothing is left waiting. */
  settle(): void {
    for (let round = 0; round < 100 && !this.#isSettled(); round++) {
      for (const client of this.#clients) this.#drive(client);
      this.#wait(200);
    }
    assert.equal(this.#group.stateName, 'Stable');
    assert.equal(this.#group.describe().members.length, CLIENTS);
    const owned = [...this.#owners.keys()].filter((key) => key.startsWith(`${this.#group.generation}/`));
    assert.equal(owned.length, PARTITIONS);
    this.#wait(SESSION_MS + REBALANCE_MS + 1);
    assert.equal(this.#group.stateName, 'Empty');
    assert.equal(this.#group.nextDeadlineMs, undefined);
    assert.equal(this.#unanswered, 0);
  }

  #isSettled(): boolean {
    const { generation, stateName } = this.#group;
    return stateName === 'Stable' && this.#group.describe().members.length === CLIENTS && this.#clients.every(({ synced }) => synced === generation);
  }

  /** What a well-behaved client does next. */
  #drive(client: SimulatedClient): void {
    if (client.pending !== undefined) return;
    if (client.memberId !== '' && this.#group.heartbeat(client.memberId, client.generation, this.#nowMs) === kafkaError.NONE) this.#sync(client, client.generation);
    else this.#join(client, 1);
  }

  #join(client: SimulatedClient, amount: number): void {
    if (client.pending !== undefined) return;
    client.pending = 'join';
    const answered = this.#expectOneAnswer();
    const names = amount % 2 === 0 ? ['range', 'sticky'] : ['sticky', 'range'];
    this.#group.join(
      {
        memberId: client.memberId,
        clientId: `client-${this.#clients.indexOf(client)}`,
        clientHost: '/127.0.0.1',
        sessionTimeoutMs: SESSION_MS,
        rebalanceTimeoutMs: REBALANCE_MS,
        protocolType: 'consumer',
        protocols: names.map((name) => ({ name, metadata: Buffer.from(name) })),
        requireKnownMemberId: amount % 3 !== 0,
      },
      this.#nowMs,
      (result) => {
        answered();
        this.#checkJoin(result);
        if (this.#clients.includes(client)) this.#onJoined(client, result);
      },
    );
  }

  #onJoined(client: SimulatedClient, result: JoinResult): void {
    client.pending = undefined;
    client.joined = result.error === kafkaError.NONE ? result : undefined;
    if (result.error === kafkaError.NONE || result.error === kafkaError.MEMBER_ID_REQUIRED) {
      client.memberId = result.memberId;
      client.generation = result.generation;
    } else this.#onError(client, result.error);
  }

  #sync(client: SimulatedClient, generation: number): void {
    if (client.pending !== undefined || client.joined === undefined) return;
    const { memberId, joined } = client;
    client.pending = 'sync';
    const answered = this.#expectOneAnswer();
    const ids = joined.members.map((member) => member.memberId);
    const assignments = ids.map((id, index) => ({ memberId: id, assignment: Buffer.from(partitionsOf(index, ids.length).join(',')) }));
    this.#group.sync({ memberId, generation, assignments }, this.#nowMs, (result) => {
      answered();
      this.#checkSync(memberId, generation, result);
      if (!this.#clients.includes(client)) return;
      client.pending = undefined;
      if (result.error === kafkaError.NONE) client.synced = generation;
      else this.#onError(client, result.error);
    });
  }

  #heartbeat(client: SimulatedClient): void {
    if (client.memberId === '') return;
    const error = this.#group.heartbeat(client.memberId, client.generation, this.#nowMs);
    if (error === kafkaError.NONE) assert.equal(client.generation, this.#group.generation);
    else this.#onError(client, error);
  }

  #leave(client: SimulatedClient): void {
    if (client.pending !== undefined || client.memberId === '') return;
    this.#group.leave(client.memberId, this.#nowMs);
    client.memberId = '';
    client.joined = undefined;
  }

  #onError(client: SimulatedClient, error: KafkaErrorCode): void {
    client.joined = undefined;
    if (error === kafkaError.UNKNOWN_MEMBER_ID) client.memberId = '';
  }

  #wait(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (let next = this.#group.nextDeadlineMs; next !== undefined && next <= endMs; next = this.#group.nextDeadlineMs) {
      this.#nowMs = Math.max(this.#nowMs, next);
      this.#group.tick(this.#nowMs);
      this.#checkDeadline();
    }
    this.#nowMs = endMs;
  }

  /** Time always makes progress: after a tick nothing is due any more. */
  #checkDeadline(): void {
    const due = this.#group.nextDeadlineMs;
    if (due === undefined || due > this.#nowMs) return;
    this.#group.tick(this.#nowMs);
    assert.ok((this.#group.nextDeadlineMs ?? Infinity) > this.#nowMs);
  }

  #checkJoin({ error, generation, leaderId, memberId, members }: JoinResult): void {
    if (error !== kafkaError.NONE) return;
    assert.ok(generation >= this.#latestGeneration);
    this.#latestGeneration = generation;
    assert.equal(this.#leaders.get(generation) ?? leaderId, leaderId);
    this.#leaders.set(generation, leaderId);
    assert.equal(members.length > 0, memberId === leaderId);
  }

  #checkSync(memberId: string, generation: number, { error, assignment }: SyncResult): void {
    if (error !== kafkaError.NONE) return;
    assert.equal(generation, this.#group.generation);
    for (const partition of String(assignment).split(',').filter(Boolean)) {
      const key = `${generation}/${partition}`;
      assert.equal(this.#owners.get(key) ?? memberId, memberId);
      this.#owners.set(key, memberId);
    }
  }

  #expectOneAnswer(): () => void {
    let answers = 0;
    this.#unanswered++;
    return () => {
      assert.equal(++answers, 1);
      this.#unanswered--;
    };
  }
}

function newClient(): SimulatedClient {
  return { memberId: '', generation: -1, joined: undefined, pending: undefined, synced: -1 };
}

function partitionsOf(index: number, count: number): number[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => partition).filter((partition) => partition % count === index);
}
