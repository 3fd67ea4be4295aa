import { kafkaError, type KafkaErrorCode } from '../protocol/kafka-error.ts';
import { NO_BYTES, refusedJoin, refusedSync, type GroupMember, type JoinRequest, type JoinResult, type SyncRequest, type SyncResult } from './group-member.ts';
import { Roster } from './roster.ts';

/**
 * Empty ─join▶ PreparingRebalance ─all joined, or time is up▶ CompletingRebalance ─leader synced▶ Stable
 *   ▲               │      ▲                                            │                           │
 *   └─ nobody left ─┘      └────────── join, leave, timeout ────────────┴───────────────────────────┘
 */
type GroupState =
  | { readonly name: 'Empty' }
  /** Waits for members to join again until `deadlineMs`; one that was Empty waits for newcomers until `holdUntilMs`. */
  | { readonly name: 'PreparingRebalance'; readonly deadlineMs: number; readonly holdUntilMs: number | undefined; readonly newcomers: boolean }
  | { readonly name: 'CompletingRebalance' }
  | { readonly name: 'Stable' }
  | { readonly name: 'Dead' };

export type GroupStateName = GroupState['name'];

export interface GroupOptions {
  /** How long the first member of an empty group waits for others; each newcomer adds as much again, up to the rebalance timeout. */
  readonly initialRebalanceDelayMs: number;
  readonly newMemberId: (clientId: string) => string;
}

export interface GroupDescription {
  readonly state: GroupStateName;
  readonly protocolType: string;
  readonly protocol: string;
  readonly members: readonly { readonly memberId: string; readonly clientId: string; readonly clientHost: string; readonly metadata: Buffer; readonly assignment: Buffer }[];
}

/**
 * The classic consumer group protocol (KIP-62, KIP-394) for one group: a state machine without a clock.
 * Each call is told the time, and `tick` is due at `nextDeadlineMs`. Each `answer` is called exactly once,
 * at once or by a later call; it must not call back into the group.
 */
export class Group {
  readonly #options: GroupOptions;
  readonly #roster = new Roster();
  #state: GroupState = { name: 'Empty' };
  #generation = 0;
  #protocol = '';
  /** Members that have not asked for their assignment by then are out. */
  #syncDeadlineMs: number | undefined;

  constructor(options: GroupOptions) {
    this.#options = options;
  }

  get stateName(): GroupStateName {
    return this.#state.name;
  }

  get generation(): number {
    return this.#generation;
  }

  get protocolType(): string {
    return this.#roster.protocolType;
  }

  /** It never had a member, and nobody is about to become one. */
  get isUnused(): boolean {
    return this.#state.name === 'Empty' && this.#generation === 0 && !this.#roster.hasPromises;
  }

  join(request: JoinRequest, nowMs: number, answer: (result: JoinResult) => void): void {
    if (this.#state.name === 'Dead') return answer(refusedJoin(kafkaError.COORDINATOR_NOT_AVAILABLE, request.memberId));
    if (!this.#roster.accepts(request)) return answer(refusedJoin(kafkaError.INCONSISTENT_GROUP_PROTOCOL, request.memberId));
    if (request.memberId === '') {
      const memberId = this.#options.newMemberId(request.clientId);
      if (!request.requireKnownMemberId) return this.#admit(memberId, request, nowMs, answer);
      this.#roster.promise(memberId, nowMs + request.sessionTimeoutMs);
      return answer(refusedJoin(kafkaError.MEMBER_ID_REQUIRED, memberId));
    }
    if (this.#roster.redeem(request.memberId)) return this.#admit(request.memberId, request, nowMs, answer);
    const member = this.#roster.find(request.memberId);
    if (member === undefined) return answer(refusedJoin(kafkaError.UNKNOWN_MEMBER_ID, request.memberId));
    return this.#rejoin(member, request, nowMs, answer);
  }

  sync(request: SyncRequest, nowMs: number, answer: (result: SyncResult) => void): void {
    const member = this.#currentMember(request.memberId, request.generation);
    if (typeof member === 'number') return answer(refusedSync(member));
    member.touch(nowMs);
    if (this.#state.name === 'PreparingRebalance') return answer(refusedSync(kafkaError.REBALANCE_IN_PROGRESS));
    member.hasSynced = true;
    member.awaitSync(answer);
    if (this.#state.name === 'Stable') return member.settleSync(kafkaError.NONE);
    if (member.id === this.#roster.leaderId) this.#stabilise(request, nowMs);
    return undefined;
  }

  heartbeat(memberId: string, generation: number, nowMs: number): KafkaErrorCode {
    const member = this.#currentMember(memberId, generation);
    if (typeof member === 'number') return member;
    member.touch(nowMs);
    return this.#state.name === 'PreparingRebalance' ? kafkaError.REBALANCE_IN_PROGRESS : kafkaError.NONE;
  }

  leave(memberId: string, nowMs: number): KafkaErrorCode {
    if (this.#roster.redeem(memberId)) {
      this.#completeJoinIfReady(nowMs);
      return kafkaError.NONE;
    }
    const member = this.#roster.find(memberId);
    if (member === undefined) return kafkaError.UNKNOWN_MEMBER_ID;
    this.#remove(member, nowMs);
    return kafkaError.NONE;
  }

  /** Whether offsets may be committed. A negative generation is a client that assigns partitions itself: only while nobody is a member. */
  checkCommit(memberId: string, generation: number, nowMs: number): KafkaErrorCode {
    if (generation < 0 && this.#state.name === 'Empty') return kafkaError.NONE;
    const member = this.#currentMember(memberId, generation);
    if (typeof member === 'number') return member;
    if (this.#state.name === 'CompletingRebalance') return kafkaError.REBALANCE_IN_PROGRESS;
    member.touch(nowMs);
    return kafkaError.NONE;
  }

  /** Carries out whatever time has brought about. */
  tick(nowMs: number): void {
    this.#roster.dropPromises(nowMs);
    for (const member of this.#overdue(nowMs)) this.#remove(member, nowMs);
    if (this.#state.name !== 'PreparingRebalance') return;
    const { deadlineMs, holdUntilMs, newcomers } = this.#state;
    if (deadlineMs <= nowMs) this.#completeJoin(nowMs);
    else if (holdUntilMs === undefined) this.#completeJoinIfReady(nowMs);
    else if (holdUntilMs <= nowMs) {
      if (newcomers) this.#hold(nowMs, deadlineMs);
      else this.#completeJoin(nowMs);
    }
  }

  /** When `tick` has something to do at the earliest; undefined while only a request can change anything. */
  get nextDeadlineMs(): number | undefined {
    const rebalance = this.#state.name === 'PreparingRebalance' ? Math.min(this.#state.deadlineMs, this.#state.holdUntilMs ?? Infinity) : Infinity;
    const next = Math.min(this.#roster.nextDeadlineMs, this.#syncDeadlineMs ?? Infinity, rebalance);
    return next === Infinity ? undefined : next;
  }

  /** Ends the group where it has no members; it answers no request afterwards. */
  delete(): KafkaErrorCode {
    if (this.#state.name === 'Dead') return kafkaError.GROUP_ID_NOT_FOUND;
    if (this.#state.name !== 'Empty') return kafkaError.NON_EMPTY_GROUP;
    this.shutdown();
    return kafkaError.NONE;
  }

  /** The broker goes down: whoever waits is told so, and may look for the group elsewhere. */
  shutdown(): void {
    this.#state = { name: 'Dead' };
    this.#syncDeadlineMs = undefined;
    const dismissed = this.#roster.members;
    this.#roster.clear();
    for (const member of dismissed) member.dismiss(kafkaError.COORDINATOR_NOT_AVAILABLE);
  }

  /** Subscriptions and assignments are told only of a stable group, as in Kafka. */
  describe(): GroupDescription {
    const stable = this.#state.name === 'Stable';
    return {
      state: this.#state.name,
      protocolType: this.protocolType,
      protocol: stable ? this.#protocol : '',
      members: this.#roster.members.map((member) => ({
        memberId: member.id,
        clientId: member.clientId,
        clientHost: member.clientHost,
        metadata: stable ? member.metadataFor(this.#protocol) : NO_BYTES,
        assignment: stable ? member.assignment : NO_BYTES,
      })),
    };
  }

  #admit(memberId: string, request: JoinRequest, nowMs: number, answer: (result: JoinResult) => void): void {
    this.#roster.add(memberId, request, nowMs).awaitJoin(answer);
    if (this.#state.name === 'PreparingRebalance') {
      this.#state = { ...this.#state, newcomers: true };
      this.#completeJoinIfReady(nowMs);
    } else this.#prepareRebalance(nowMs);
  }

  #rejoin(member: GroupMember, request: JoinRequest, nowMs: number, answer: (result: JoinResult) => void): void {
    // Asking again with nothing changed is a lost answer, except for a stable group's leader, who so asks for a rebalance.
    const lostAnswer = this.#state.name === 'CompletingRebalance' || (this.#state.name === 'Stable' && member.id !== this.#roster.leaderId);
    if (lostAnswer && member.offersTheSame(request.protocols)) {
      member.touch(nowMs);
      return answer(this.#joined(member));
    }
    this.#roster.update(member, request, nowMs);
    member.awaitJoin(answer);
    if (this.#state.name === 'PreparingRebalance') this.#completeJoinIfReady(nowMs);
    else this.#prepareRebalance(nowMs);
    return undefined;
  }

  #prepareRebalance(nowMs: number): void {
    const wasEmpty = this.#state.name === 'Empty';
    const deadlineMs = nowMs + this.#roster.longestRebalanceTimeoutMs;
    this.#syncDeadlineMs = undefined;
    this.#state = { name: 'PreparingRebalance', deadlineMs, holdUntilMs: undefined, newcomers: false };
    for (const member of this.#roster.members) {
      member.settleSync(kafkaError.REBALANCE_IN_PROGRESS);
      member.assignment = NO_BYTES;
      member.hasSynced = false;
    }
    if (!wasEmpty) this.#completeJoinIfReady(nowMs);
    else if (this.#options.initialRebalanceDelayMs > 0) this.#hold(nowMs, deadlineMs);
    else this.#completeJoin(nowMs);
  }

  #hold(nowMs: number, deadlineMs: number): void {
    this.#state = { name: 'PreparingRebalance', deadlineMs, holdUntilMs: Math.min(deadlineMs, nowMs + this.#options.initialRebalanceDelayMs), newcomers: false };
  }

  #completeJoinIfReady(nowMs: number): void {
    if (this.#state.name !== 'PreparingRebalance') return;
    const members = this.#roster.members;
    // Whoever was just given an id is about to come back with it; without this wait its coming would be one rebalance more.
    const everybodyIsHere = !this.#roster.hasPromises && members.every(({ awaitsJoin }) => awaitsJoin);
    if (members.length === 0 || (everybodyIsHere && this.#state.holdUntilMs === undefined)) this.#completeJoin(nowMs);
  }

  #completeJoin(nowMs: number): void {
    for (const member of this.#roster.members) {
      if (!member.awaitsJoin) this.#roster.remove(member);
    }
    this.#generation++;
    this.#protocol = this.#roster.electProtocol();
    const members = this.#roster.members;
    if (members.length === 0) {
      this.#state = { name: 'Empty' };
      return;
    }
    this.#state = { name: 'CompletingRebalance' };
    this.#syncDeadlineMs = nowMs + this.#roster.longestRebalanceTimeoutMs;
    for (const member of members) {
      member.touch(nowMs);
      member.settleJoin(this.#joined(member));
    }
  }

  #stabilise(leader: SyncRequest, nowMs: number): void {
    for (const { memberId, assignment } of leader.assignments) {
      const member = this.#roster.find(memberId);
      if (member !== undefined) member.assignment = Buffer.from(assignment);
    }
    this.#state = { name: 'Stable' };
    for (const member of this.#roster.members) {
      if (member.hasSynced) member.touch(nowMs);
      member.settleSync(kafkaError.NONE);
    }
  }

  /** Members of which too long nothing was heard, or that took their place and never asked for their assignment. */
  #overdue(nowMs: number): readonly GroupMember[] {
    const syncIsOver = this.#syncDeadlineMs !== undefined && this.#syncDeadlineMs <= nowMs;
    if (syncIsOver) this.#syncDeadlineMs = undefined;
    return this.#roster.members.filter((member) => member.sessionDeadlineMs <= nowMs || (syncIsOver && !member.hasSynced));
  }

  #remove(member: GroupMember, nowMs: number): void {
    this.#roster.remove(member);
    member.dismiss(kafkaError.UNKNOWN_MEMBER_ID);
    if (this.#state.name === 'Stable' || this.#state.name === 'CompletingRebalance') this.#prepareRebalance(nowMs);
    else this.#completeJoinIfReady(nowMs);
  }

  /** The member, where it is one and knows the current generation; otherwise why not. */
  #currentMember(memberId: string, generation: number): GroupMember | KafkaErrorCode {
    if (this.#state.name === 'Dead') return kafkaError.COORDINATOR_NOT_AVAILABLE;
    const member = this.#roster.find(memberId);
    if (member === undefined) return kafkaError.UNKNOWN_MEMBER_ID;
    return generation === this.#generation ? member : kafkaError.ILLEGAL_GENERATION;
  }

  #joined(member: GroupMember): JoinResult {
    const { leaderId } = this.#roster;
    const members = member.id === leaderId ? this.#roster.members.map((one) => ({ memberId: one.id, metadata: one.metadataFor(this.#protocol) })) : [];
    return { error: kafkaError.NONE, generation: this.#generation, protocol: this.#protocol, leaderId, memberId: member.id, members };
  }
}
