export interface ScoredMember {
  readonly member: string;
  readonly score: number;
}

/** Ends of a range by score; an exclusive end leaves out the score itself. */
export interface ScoreRange {
  readonly min: number;
  readonly max: number;
  readonly minExclusive: boolean;
  readonly maxExclusive: boolean;
}

/** Ends of a range by member; undefined is beyond every member, on that side. */
export interface LexRange {
  readonly min: string | undefined;
  readonly max: string | undefined;
  readonly minExclusive: boolean;
  readonly maxExclusive: boolean;
  /** `-` as the maximum or `+` as the minimum: nothing is in the range. */
  readonly empty: boolean;
}

/**
 * Members ordered by score, then by bytes. A sorted array beside a map: ranks and ranges are a
 * binary search and a slice; an insertion moves the rest of the array, which stays below a skip
 * list's cost up to some 10^5 members, far above what a run keeps.
 */
export class SortedSet {
  readonly #scores = new Map<string, number>();
  readonly #ordered: ScoredMember[] = [];

  get size(): number {
    return this.#scores.size;
  }

  score(member: string): number | undefined {
    return this.#scores.get(member);
  }

  /** Adds a member or moves it to another score. */
  set(member: string, score: number): void {
    const before = this.#scores.get(member);
    if (before !== undefined) {
      if (before === score) return;
      this.#ordered.splice(this.#position(member, before), 1);
    }
    this.#scores.set(member, score);
    this.#ordered.splice(this.#position(member, score), 0, { member, score });
  }

  delete(member: string): boolean {
    const score = this.#scores.get(member);
    if (score === undefined) return false;
    this.#ordered.splice(this.#position(member, score), 1);
    this.#scores.delete(member);
    return true;
  }

  /** Position from the lowest score; undefined for no member. */
  rank(member: string): number | undefined {
    const score = this.#scores.get(member);
    return score === undefined ? undefined : this.#position(member, score);
  }

  members(): readonly ScoredMember[] {
    return this.#ordered;
  }

  slice(start: number, end: number): ScoredMember[] {
    return this.#ordered.slice(start, end);
  }

  /** Removes positions `start` to `end`, the end excluded. */
  removeRange(start: number, end: number): ScoredMember[] {
    const removed = this.#ordered.splice(start, end - start);
    for (const { member } of removed) this.#scores.delete(member);
    return removed;
  }

  /** Positions of what is in the range: first, and one past the last; first >= last where there is none. */
  positionsByScore(range: ScoreRange): readonly [number, number] {
    const first = this.#lowerBound(({ score }) => (range.minExclusive ? score <= range.min : score < range.min));
    const last = this.#lowerBound(({ score }) => (range.maxExclusive ? score < range.max : score <= range.max));
    return [first, last];
  }

  positionsByLex(range: LexRange): readonly [number, number] {
    if (range.empty) return [0, 0];
    const { min, max } = range;
    const first = min === undefined ? 0 : this.#lowerBound(({ member }) => (range.minExclusive ? member <= min : member < min));
    const last = max === undefined ? this.size : this.#lowerBound(({ member }) => (range.maxExclusive ? member < max : member <= max));
    return [first, last];
  }

  #position(member: string, score: number): number {
    return this.#lowerBound((other) => other.score < score || (other.score === score && other.member < member));
  }

  #lowerBound(isBefore: (scored: ScoredMember) => boolean): number {
    let low = 0;
    let high = this.#ordered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#ordered[middle] as ScoredMember)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
