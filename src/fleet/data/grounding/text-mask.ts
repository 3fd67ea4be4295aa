/** A place in a report with a number that no fact accounts for. */
export interface UngroundedToken {
  readonly token: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
}

/** Stands for text that has been judged; neither letter nor digit, and in no report. */
const JUDGED = '\uE000';

/** A text of which parts are judged one after the other; what is judged is out of sight of later rules. */
export class TextMask {
  readonly #original: string;
  #rest: string;
  readonly #ungrounded: { readonly offset: number; readonly token: string }[] = [];

  constructor(text: string) {
    this.#original = text;
    this.#rest = text;
  }

  /** What is not judged yet, at its original offsets. */
  get rest(): string {
    return this.#rest;
  }

  accept(offset: number, length: number): void {
    this.#rest = this.#rest.slice(0, offset) + JUDGED.repeat(length) + this.#rest.slice(offset + length);
  }

  reject(offset: number, length: number): void {
    this.#ungrounded.push({ offset, token: this.#original.slice(offset, offset + length).trim() });
    this.accept(offset, length);
  }

  /**
   * Shows each match of `pattern` (with the flag g) in what is left to `judge`, which accepts it, rejects
   * it, or leaves it to later rules.
   */
  judge(pattern: RegExp, judge: (match: RegExpMatchArray) => 'accept' | 'reject' | 'leave'): void {
    for (const match of [...this.#rest.matchAll(pattern)]) {
      const verdict = judge(match);
      if (verdict === 'accept') this.accept(match.index, match[0].length);
      if (verdict === 'reject') this.reject(match.index, match[0].length);
    }
  }

  /** The sentence (or line) around an offset, in the original. */
  sentenceAt(offset: number): string {
    const boundary = /[!?\n|;]|\.(?=\s|$)/g;
    let start = 0;
    for (const match of this.#original.matchAll(boundary)) {
      if (match.index >= offset) return this.#original.slice(start, match.index);
      start = match.index + 1;
    }
    return this.#original.slice(start);
  }

  ungrounded(): UngroundedToken[] {
    return this.#ungrounded
      .toSorted((a, b) => a.offset - b.offset)
      .map(({ offset, token }) => {
        const before = this.#original.slice(0, offset).split('\n');
        return { token, line: before.length, column: (before.at(-1) ?? '').length + 1 };
      });
  }
}
