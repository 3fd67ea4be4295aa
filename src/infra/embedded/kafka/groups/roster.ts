import { GroupMember, type JoinRequest } from './group-member.ts';

/** Who belongs to a group, who was promised a place in it, who leads it, and what they have in common. */
export class Roster {
  readonly #members = new Map<string, GroupMember>();
  /** Ids given out that nobody has joined with yet, and until when they are kept. */
  readonly #promisedUntilMs = new Map<string, number>();
  #protocolType = '';

  get size(): number {
    return this.#members.size;
  }

  /** A copy: members may be removed while it is walked. */
  get members(): readonly GroupMember[] {
    return [...this.#members.values()];
  }

  get protocolType(): string {
    return this.#protocolType;
  }

  /** The member that has been here longest: it leads until it goes. Empty where there is none. */
  get leaderId(): string {
    return this.members[0]?.id ?? '';
  }

  get hasPromises(): boolean {
    return this.#promisedUntilMs.size > 0;
  }

  find(memberId: string): GroupMember | undefined {
    return this.#members.get(memberId);
  }

  promise(memberId: string, keptUntilMs: number): void {
    this.#promisedUntilMs.set(memberId, keptUntilMs);
  }

  /** Takes a promise back or turns it into a place; false where there was none. */
  redeem(memberId: string): boolean {
    return this.#promisedUntilMs.delete(memberId);
  }

  dropPromises(nowMs = Infinity): void {
    for (const [memberId, keptUntilMs] of this.#promisedUntilMs) {
      if (keptUntilMs <= nowMs) this.#promisedUntilMs.delete(memberId);
    }
  }

  add(memberId: string, request: JoinRequest, nowMs: number): GroupMember {
    const member = new GroupMember(memberId, request, nowMs);
    this.#members.set(memberId, member);
    this.#protocolType = request.protocolType;
    return member;
  }

  update(member: GroupMember, request: JoinRequest, nowMs: number): void {
    member.update(request, nowMs);
    this.#protocolType = request.protocolType;
  }

  remove(member: GroupMember): void {
    this.#members.delete(member.id);
  }

  clear(): void {
    this.#members.clear();
    this.#promisedUntilMs.clear();
  }

  /** Whether the request shares a strategy with every other member. */
  accepts(request: JoinRequest): boolean {
    if (request.protocolType === '' || request.protocols.length === 0) return false;
    const others = this.members.filter(({ id }) => id !== request.memberId);
    if (others.length === 0) return true;
    const common = sharedProtocols(others);
    return request.protocolType === this.#protocolType && request.protocols.some(({ name }) => common.has(name));
  }

  /** Each member votes for the first of its strategies that all share; most votes win, the earliest on a tie. */
  electProtocol(): string {
    const common = sharedProtocols(this.members);
    const votes = new Map<string, number>();
    for (const member of this.#members.values()) {
      const vote = member.protocols.find(({ name }) => common.has(name));
      if (vote !== undefined) votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1);
    }
    let elected = '';
    for (const [name, count] of votes) {
      if (count > (votes.get(elected) ?? 0)) elected = name;
    }
    return elected;
  }

  get longestRebalanceTimeoutMs(): number {
    return Math.max(0, ...this.members.map(({ rebalanceTimeoutMs }) => rebalanceTimeoutMs));
  }

  /** When the next promise or session runs out; Infinity where none does. */
  get nextDeadlineMs(): number {
    return Math.min(Infinity, ...this.#promisedUntilMs.values(), ...this.members.map(({ sessionDeadlineMs }) => sessionDeadlineMs));
  }
}

function sharedProtocols(members: readonly GroupMember[]): ReadonlySet<string> {
  const [first, ...others] = members.map(({ protocols }) => new Set(protocols.map(({ name }) => name)));
  return others.reduce((common, offered) => common.intersection(offered), first ?? new Set());
}
