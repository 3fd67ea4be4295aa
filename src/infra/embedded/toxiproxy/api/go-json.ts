/**
 * JSON as Go's `encoding/json` stream decoder takes it, which is what clients of Toxiproxy meet:
 * the first value counts and whatever follows it is ignored, numbers keep their spelling (1e2 is no
 * integer to Go), duplicate members all count, and the error texts are Go's.
 */
export type GoJson =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'number'; readonly literal: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly GoJson[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [name: string, value: GoJson])[] };

export class GoJsonError extends Error {}

/** Far above any request of the API, far below where recursion would hurt. */
const MAX_DEPTH = 500;

export function parseGoJson(text: string): GoJson {
  return new Parser(text).first();
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  first(): GoJson {
    this.#skipSpace();
    if (this.#at === this.#text.length) throw new GoJsonError('EOF');
    return this.#value(0);
  }

  #value(depth: number): GoJson {
    if (depth > MAX_DEPTH) throw new GoJsonError('exceeded max depth');
    this.#skipSpace();
    const character = this.#text[this.#at];
    if (character === '{') return this.#object(depth);
    if (character === '[') return this.#array(depth);
    if (character === '"') return { kind: 'string', value: this.#string() };
    if (character === 't') return this.#literal('true', { kind: 'bool', value: true });
    if (character === 'f') return this.#literal('false', { kind: 'bool', value: false });
    if (character === 'n') return this.#literal('null', { kind: 'null' });
    if (character === '-' || isDigit(character)) return { kind: 'number', literal: this.#number() };
    throw this.#unexpected('looking for beginning of value');
  }

  #object(depth: number): GoJson {
    const members: [string, GoJson][] = [];
    this.#at += 1;
    this.#skipSpace();
    if (this.#take('}')) return { kind: 'object', members };
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') throw this.#unexpected('looking for beginning of object key string');
      const name = this.#string();
      this.#skipSpace();
      if (!this.#take(':')) throw this.#unexpected('after object key');
      members.push([name, this.#value(depth + 1)]);
      this.#skipSpace();
      if (this.#take('}')) return { kind: 'object', members };
      if (!this.#take(',')) throw this.#unexpected('after object key:value pair');
    }
  }

  #array(depth: number): GoJson {
    const items: GoJson[] = [];
    this.#at += 1;
    this.#skipSpace();
    if (this.#take(']')) return { kind: 'array', items };
    for (;;) {
      items.push(this.#value(depth + 1));
      this.#skipSpace();
      if (this.#take(']')) return { kind: 'array', items };
      if (!this.#take(',')) throw this.#unexpected('after array element');
    }
  }

  #string(): string {
    const start = this.#at;
    this.#at += 1;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) throw this.#unexpected('');
      if (character === '"') break;
      if (character < ' ') throw this.#unexpected('in string literal');
      if (character === '\\') this.#escape();
      this.#at += 1;
    }
    this.#at += 1;
    // JSON.parse gives the value of a literal already known to be well-formed.
    return (JSON.parse(this.#text.slice(start, this.#at)) as string).toWellFormed();
  }

  /** Leaves the position on the escape's last character. */
  #escape(): void {
    this.#at += 1;
    const character = this.#text[this.#at];
    if (character === 'u') {
      for (let digit = 0; digit < 4; digit++) {
        this.#at += 1;
        if (!/^[\da-f]$/i.test(this.#text[this.#at] ?? '')) throw this.#unexpected(String.raw`in \u hexadecimal character escape`);
      }
    } else if (character === undefined || !'"\\/bfnrt'.includes(character)) {
      throw this.#unexpected('in string escape code');
    }
  }

  #number(): string {
    const start = this.#at;
    this.#take('-');
    if (!this.#take('0') && this.#digits() === 0) throw this.#unexpected('in numeric literal');
    if (this.#take('.') && this.#digits() === 0) throw this.#unexpected('after decimal point in numeric literal');
    if (this.#take('e') || this.#take('E')) {
      if (!this.#take('+')) this.#take('-');
      if (this.#digits() === 0) throw this.#unexpected('in exponent of numeric literal');
    }
    return this.#text.slice(start, this.#at);
  }

  #digits(): number {
    const start = this.#at;
    while (isDigit(this.#text[this.#at])) this.#at += 1;
    return this.#at - start;
  }

  #literal(word: string, value: GoJson): GoJson {
    for (const expected of word) {
      if (!this.#take(expected)) throw this.#unexpected(`in literal ${word} (expecting '${expected}')`);
    }
    return value;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at += 1;
  }

  #unexpected(where: string): GoJsonError {
    const character = this.#text[this.#at];
    return new GoJsonError(character === undefined ? 'unexpected EOF' : `invalid character ${quote(character)} ${where}`);
  }
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b', '\f': '\\f', '\\': '\\\\' };

function quote(character: string): string {
  if (character === "'") return String.raw`'\''`;
  const code = character.codePointAt(0) as number;
  const escaped = ESCAPES[character] ?? (code < 0x20 ? `\\x${code.toString(16).padStart(2, '0')}` : character);
  return `'${escaped}'`;
}

/** JSON text with the characters escaped that Go escapes for the sake of HTML. */
export function toGoJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
