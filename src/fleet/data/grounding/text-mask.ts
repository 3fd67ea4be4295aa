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

export type Verdict = 'accept' | 'reject' | 'leave';

export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** How far around a number its sentence is looked at. */
const SENTENCE_REACH = 400;

/** A text of which parts are judged one after the other; what is judged is out of sight of later rules. */
export class TextMask {
  readonly #original: string;
  #rest: string;
  readonly #ungrounded: Span[] = [];

  constructor(text: string) {
    this.#original = text;
    this.#rest = text;
  }

  /** What is not judged yet, at its original offsets. */
  get rest(): string {
    return this.#rest;
  }

  /** Judges spans of what is left, in the order of the text and without overlap; linear in the text. */
  judgeSpans<Found extends Span>(spans: Iterable<Found>, judge: (span: Found) => Verdict): void {
    const pieces: string[] = [];
    let end = 0;
    for (const span of spans) {
      const verdict = judge(span);
      if (verdict === 'leave') continue;
      if (verdict === 'reject') this.#ungrounded.push({ offset: span.offset, length: span.length });
      pieces.push(this.#rest.slice(end, span.offset), JUDGED.repeat(span.length));
      end = span.offset + span.length;
    }
    pieces.push(this.#rest.slice(end));
    this.#rest = pieces.join('');
  }

  /** Judges each match of `pattern`, which has the flag g. */
  judge(pattern: RegExp, judge: (match: RegExpExecArray) => Verdict): void {
    const spans = [...this.#rest.matchAll(pattern)].map((match) => ({ offset: match.index, length: match[0].length, match }));
    this.judgeSpans(spans, ({ match }) => judge(match));
  }

  /** The sentence, line or table cell around an offset, in the original. */
  sentenceAt(offset: number): string {
    const before = this.#original.slice(Math.max(0, offset - SENTENCE_REACH), offset);
    const after = this.#original.slice(offset, offset + SENTENCE_REACH);
    return `${before.split(sentenceEnd).at(-1)}${after.split(sentenceEnd, 1)[0]}`;
  }

  /** What was rejected, in the order of the text. */
  ungrounded(): UngroundedToken[] {
    let line = 1;
    let lineStart = 0;
    return this.#ungrounded
      .toSorted((a, b) => a.offset - b.offset)
      .map(({ offset, length }) => {
        for (let next = this.#original.indexOf('\n', lineStart); next !== -1 && next < offset; next = this.#original.indexOf('\n', lineStart)) {
          line++;
          lineStart = next + 1;
        }
        return { token: this.#original.slice(offset, offset + length).trim(), line, column: offset - lineStart + 1 };
      });
  }
}

const sentenceEnd = /[!?\n|;]|\.(?=\s|$)/;
