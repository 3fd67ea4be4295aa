import { randomUUID } from 'node:crypto';
import type { CancelTimer, Clock } from '../../../../core/clock.ts';
import { kafkaError, type KafkaErrorCode } from '../protocol/kafka-error.ts';
import { CommittedOffsets } from './committed-offsets.ts';
import { Group, type GroupDescription } from './group.ts';
import { refusedJoin, refusedSync, type JoinRequest, type JoinResult, type SyncRequest, type SyncResult } from './group-member.ts';

/** Kafka's default floor is 6 s; here a test may want a dead member to be noticed sooner. */
const MIN_SESSION_TIMEOUT_MS = 100;
const MAX_SESSION_TIMEOUT_MS = 30 * 60_000;

interface GroupEntry {
  readonly group: Group;
  readonly offsets: CommittedOffsets;
  timer: { readonly atMs: number; readonly cancel: CancelTimer } | undefined;
}

/** All groups by id: gives each its time, and keeps their committed offsets. */
export class GroupCoordinator {
  readonly #groups = new Map<string, GroupEntry>();
  readonly #clock: Clock;
  readonly #initialRebalanceDelayMs: number;
  #closed = false;

  constructor(options: { readonly clock: Clock; readonly initialRebalanceDelayMs: number }) {
    this.#clock = options.clock;
    this.#initialRebalanceDelayMs = options.initialRebalanceDelayMs;
  }

  join(groupId: string, request: JoinRequest): Promise<JoinResult> {
    const refuse = (error: KafkaErrorCode): Promise<JoinResult> => Promise.resolve(refusedJoin(error, request.memberId));
    if (this.#closed) return refuse(kafkaError.COORDINATOR_NOT_AVAILABLE);
    if (groupId === '') return refuse(kafkaError.INVALID_GROUP_ID);
    if (request.sessionTimeoutMs < MIN_SESSION_TIMEOUT_MS || request.sessionTimeoutMs > MAX_SESSION_TIMEOUT_MS) return refuse(kafkaError.INVALID_SESSION_TIMEOUT);
    const entry = this.#groups.get(groupId) ?? (request.memberId === '' ? this.#create(groupId) : undefined);
    if (entry === undefined) return refuse(kafkaError.UNKNOWN_MEMBER_ID);
    return new Promise((resolve) => {
      entry.group.join(request, this.#clock.monotonicMs(), resolve);
      this.#arm(groupId, entry);
    });
  }

  sync(groupId: string, request: SyncRequest): Promise<SyncResult> {
    const entry = this.#groups.get(groupId);
    if (entry === undefined) return Promise.resolve(refusedSync(this.#absent));
    return new Promise((resolve) => {
      entry.group.sync(request, this.#clock.monotonicMs(), resolve);
      this.#arm(groupId, entry);
    });
  }

  heartbeat(groupId: string, memberId: string, generation: number): KafkaErrorCode {
    return this.#groups.get(groupId)?.group.heartbeat(memberId, generation, this.#clock.monotonicMs()) ?? this.#absent;
  }

  leave(groupId: string, memberId: string): KafkaErrorCode {
    const entry = this.#groups.get(groupId);
    if (entry === undefined) return this.#absent;
    const error = entry.group.leave(memberId, this.#clock.monotonicMs());
    this.#arm(groupId, entry);
    return error;
  }

  /** Where offsets may be committed by this member, the store for them; otherwise why not. */
  offsetsForCommit(groupId: string, memberId: string, generation: number): CommittedOffsets | KafkaErrorCode {
    if (this.#closed) return kafkaError.COORDINATOR_NOT_AVAILABLE;
    const existing = this.#groups.get(groupId);
    if (existing === undefined && generation >= 0) return kafkaError.ILLEGAL_GENERATION;
    const entry = existing ?? this.#create(groupId);
    const error = entry.group.checkCommit(memberId, generation, this.#clock.monotonicMs());
    return error === kafkaError.NONE ? entry.offsets : error;
  }

  committedOffsets(groupId: string): CommittedOffsets | undefined {
    return this.#groups.get(groupId)?.offsets;
  }

  /** A group that nobody has heard of is described as dead. */
  describe(groupId: string): GroupDescription {
    return this.#groups.get(groupId)?.group.describe() ?? { state: 'Dead', protocolType: '', protocol: '', members: [] };
  }

  list(): readonly { readonly groupId: string; readonly protocolType: string }[] {
    return [...this.#groups].map(([groupId, { group }]) => ({ groupId, protocolType: group.protocolType }));
  }

  delete(groupId: string): KafkaErrorCode {
    const entry = this.#groups.get(groupId);
    if (entry === undefined) return groupId === '' ? kafkaError.INVALID_GROUP_ID : kafkaError.GROUP_ID_NOT_FOUND;
    const error = entry.group.delete();
    if (error === kafkaError.NONE) this.#forget(groupId, entry);
    return error;
  }

  forgetTopic(topic: string): void {
    for (const { offsets } of this.#groups.values()) offsets.forgetTopic(topic);
  }

  /** Answers whoever waits; nothing is left that could fire. */
  close(): void {
    this.#closed = true;
    for (const [groupId, entry] of this.#groups) {
      entry.group.shutdown();
      this.#forget(groupId, entry);
    }
  }

  get #absent(): KafkaErrorCode {
    return this.#closed ? kafkaError.COORDINATOR_NOT_AVAILABLE : kafkaError.UNKNOWN_MEMBER_ID;
  }

  #create(groupId: string): GroupEntry {
    const group = new Group({ initialRebalanceDelayMs: this.#initialRebalanceDelayMs, newMemberId: (clientId) => `${clientId}-${randomUUID()}` });
    const entry: GroupEntry = { group, offsets: new CommittedOffsets(), timer: undefined };
    this.#groups.set(groupId, entry);
    return entry;
  }

  #forget(groupId: string, entry: GroupEntry): void {
    entry.timer?.cancel();
    entry.timer = undefined;
    this.#groups.delete(groupId);
  }

  /** Heartbeats only move deadlines away, so a timer that fires too early looks again instead of being set anew each time. */
  #arm(groupId: string, entry: GroupEntry): void {
    const atMs = entry.group.nextDeadlineMs;
    if (atMs === undefined || (entry.timer !== undefined && entry.timer.atMs <= atMs)) return;
    entry.timer?.cancel();
    const cancel = this.#clock.setTimer(Math.ceil(atMs - this.#clock.monotonicMs()), () => {
      entry.timer = undefined;
      entry.group.tick(this.#clock.monotonicMs());
      if (entry.group.isUnused && entry.offsets.isEmpty) this.#forget(groupId, entry);
      else this.#arm(groupId, entry);
    });
    entry.timer = { atMs, cancel };
  }
}
