import { kafkaError, type KafkaErrorCode } from '../protocol/kafka-error.ts';

/** One assignment strategy that a member offers, with its opaque subscription. */
export interface GroupProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface JoinRequest {
  readonly memberId: string;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  /** In order of preference. */
  readonly protocols: readonly GroupProtocol[];
  /** JoinGroup v4+: a newcomer is first told its id and has to come again with it (KIP-394). */
  readonly requireKnownMemberId: boolean;
}

export interface JoinResult {
  readonly error: KafkaErrorCode;
  readonly generation: number;
  readonly protocol: string;
  readonly leaderId: string;
  readonly memberId: string;
  /** Everybody's subscription, for the leader only. */
  readonly members: readonly { readonly memberId: string; readonly metadata: Buffer }[];
}

export interface SyncRequest {
  readonly memberId: string;
  readonly generation: number;
  /** The leader's decision; from others it is ignored. */
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[];
}

export interface SyncResult {
  readonly error: KafkaErrorCode;
  readonly assignment: Buffer;
}

export const NO_BYTES = Buffer.alloc(0);

export function refusedJoin(error: KafkaErrorCode, memberId: string): JoinResult {
  return { error, generation: -1, protocol: '', leaderId: '', memberId, members: [] };
}

export function refusedSync(error: KafkaErrorCode): SyncResult {
  return { error, assignment: NO_BYTES };
}

/** One member: what it offers, what it was assigned, and which of its requests are still to be answered. */
export class GroupMember {
  readonly id: string;
  readonly clientId: string;
  readonly clientHost: string;
  rebalanceTimeoutMs = 0;
  protocols: readonly GroupProtocol[] = [];
  assignment: Buffer = NO_BYTES;
  /** Has asked for its assignment in this generation. */
  hasSynced = false;
  #sessionTimeoutMs = 0;
  #sessionDeadlineMs = 0;
  #answerJoin: ((result: JoinResult) => void) | undefined;
  #answerSync: ((result: SyncResult) => void) | undefined;

  constructor(id: string, request: JoinRequest, nowMs: number) {
    this.id = id;
    this.clientId = request.clientId;
    this.clientHost = request.clientHost;
    this.update(request, nowMs);
  }

  update(request: JoinRequest, nowMs: number): void {
    this.rebalanceTimeoutMs = request.rebalanceTimeoutMs;
    this.#sessionTimeoutMs = request.sessionTimeoutMs;
    // Copies: what outlives the request must not keep its whole frame alive.
    this.protocols = request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) }));
    this.touch(nowMs);
  }

  /** A sign of life. */
  touch(nowMs: number): void {
    this.#sessionDeadlineMs = nowMs + this.#sessionTimeoutMs;
  }

  get awaitsJoin(): boolean {
    return this.#answerJoin !== undefined;
  }

  /** When it counts as gone; never while it is the one that waits for us. */
  get sessionDeadlineMs(): number {
    return this.#answerJoin === undefined && this.#answerSync === undefined ? this.#sessionDeadlineMs : Infinity;
  }

  /** A member that asks again has lost the connection it asked by first: that one gets its answer now. */
  awaitJoin(answer: (result: JoinResult) => void): void {
    this.settleJoin(refusedJoin(kafkaError.REBALANCE_IN_PROGRESS, this.id));
    this.#answerJoin = answer;
  }

  awaitSync(answer: (result: SyncResult) => void): void {
    this.settleSync(kafkaError.REBALANCE_IN_PROGRESS);
    this.#answerSync = answer;
  }

  settleJoin(result: JoinResult): void {
    const answer = this.#answerJoin;
    this.#answerJoin = undefined;
    answer?.(result);
  }

  settleSync(error: KafkaErrorCode): void {
    const answer = this.#answerSync;
    this.#answerSync = undefined;
    answer?.(error === kafkaError.NONE ? { error, assignment: this.assignment } : refusedSync(error));
  }

  /** Answers whatever it waits for. */
  dismiss(error: KafkaErrorCode): void {
    this.settleJoin(refusedJoin(error, this.id));
    this.settleSync(error);
  }

  metadataFor(protocol: string): Buffer {
    return this.protocols.find(({ name }) => name === protocol)?.metadata ?? NO_BYTES;
  }

  offersTheSame(protocols: readonly GroupProtocol[]): boolean {
    const same = ({ name, metadata }: GroupProtocol, other: GroupProtocol | undefined): boolean => other?.name === name && other.metadata.equals(metadata);
    return this.protocols.length === protocols.length && this.protocols.every((protocol, index) => same(protocol, protocols[index]));
  }
}
