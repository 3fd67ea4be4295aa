import { parseFloat64 } from '../numbers/float.ts';
import { JsonError, type JsonSettings } from './json-encoder.ts';
import type { LuaState, LuaVm } from './vm.ts';

/*
 * JSON as lua-cjson 2.1 reads it, more liberal than RFC 8259: numbers as `strtod` takes them
 * (leading zeros, hexadecimal, NaN, Infinity), raw control characters in strings. Positions in
 * messages are 1-based bytes. null becomes cjson.null, a light userdata of address 0.
 */
type TokenType = 'OBJ_BEGIN' | 'OBJ_END' | 'ARR_BEGIN' | 'ARR_END' | 'STRING' | 'NUMBER' | 'BOOLEAN' | 'NULL' | 'COLON' | 'COMMA' | 'END' | 'ERROR';
interface Token {
  readonly type: TokenType;
  readonly at: number;
  /** A string's or an error's text, a number, a boolean. */
  readonly value?: string | number | boolean;
}

const PUNCTUATION: Readonly<Record<string, TokenType>> = { '{': 'OBJ_BEGIN', '}': 'OBJ_END', '[': 'ARR_BEGIN', ']': 'ARR_END', ':': 'COLON', ',': 'COMMA' };
const ESCAPED: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const NUMBER = /[+-]?(?:0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*(?:[pP][+-]?\d+)?|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)/iy;

/** Pushes the value of a JSON text; throws JsonError. */
export function decodeJson(vm: LuaVm, state: LuaState, text: string, settings: JsonSettings): void {
  if (text.length >= 2 && (text[0] === '\0' || text[1] === '\0')) throw new JsonError('JSON parser does not support UTF-16 or UTF-32');
  new Decoder(vm, state, text, settings).decode();
}

class Decoder {
  readonly #vm: LuaVm;
  readonly #state: LuaState;
  readonly #text: string;
  readonly #settings: JsonSettings;
  #at = 0;
  #depth = 0;

  constructor(vm: LuaVm, state: LuaState, text: string, settings: JsonSettings) {
    this.#vm = vm;
    this.#state = state;
    this.#text = text;
    this.#settings = settings;
  }

  decode(): void {
    this.#value(this.#next());
    const token = this.#next();
    if (token.type !== 'END') this.#fail('the end', token);
  }

  #value(token: Token): void {
    const { api } = this.#vm;
    switch (token.type) {
      case 'STRING':
        this.#vm.pushString(this.#state, token.value as string);
        return;
      case 'NUMBER':
        api.lua_pushnumber(this.#state, token.value as number);
        return;
      case 'BOOLEAN':
        api.lua_pushboolean(this.#state, token.value === true ? 1 : 0);
        return;
      case 'NULL':
        api.lua_pushlightuserdata(this.#state, 0);
        return;
      case 'OBJ_BEGIN':
        this.#nested(() => this.#object());
        return;
      case 'ARR_BEGIN':
        this.#nested(() => this.#array());
        return;
      default:
        this.#fail('value', token);
    }
  }

  #nested(read: () => void): void {
    this.#depth++;
    if (this.#depth > this.#settings.decodeMaxDepth || this.#vm.api.lua_checkstack(this.#state, 3) === 0) {
      throw new JsonError(`Found too many nested data structures (${this.#depth})`);
    }
    this.#vm.api.lua_createtable(this.#state, 0, 0);
    read();
    this.#depth--;
  }

  #object(): void {
    let token = this.#next();
    if (token.type === 'OBJ_END') return;
    for (;;) {
      if (token.type !== 'STRING') this.#fail('object key string', token);
      this.#vm.pushString(this.#state, token.value as string);
      const colon = this.#next();
      if (colon.type !== 'COLON') this.#fail('colon', colon);
      this.#value(this.#next());
      this.#vm.api.lua_rawset(this.#state, -3);
      token = this.#next();
      if (token.type === 'OBJ_END') return;
      if (token.type !== 'COMMA') this.#fail('comma or object end', token);
      token = this.#next();
    }
  }

  #array(): void {
    let token = this.#next();
    if (token.type === 'ARR_END') return;
    for (let index = 1; ; index++) {
      this.#value(token);
      this.#vm.api.lua_rawseti(this.#state, -2, index);
      token = this.#next();
      if (token.type === 'ARR_END') return;
      if (token.type !== 'COMMA') this.#fail('comma or array end', token);
      token = this.#next();
    }
  }

  #fail(expected: string, token: Token): never {
    const found = token.type === 'ERROR' ? String(token.value) : `T_${token.type}`;
    throw new JsonError(`Expected ${expected} but found ${found} at character ${token.at + 1}`);
  }

  #next(): Token {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? '')) this.#at++;
    const at = this.#at;
    const character = this.#text[at];
    if (character === undefined) return { type: 'END', at };
    const punctuation = PUNCTUATION[character];
    if (punctuation !== undefined) {
      this.#at++;
      return { type: punctuation, at };
    }
    if (character === '"') return this.#string(at);
    for (const [word, token] of [
      ['true', { type: 'BOOLEAN', at, value: true }],
      ['false', { type: 'BOOLEAN', at, value: false }],
      ['null', { type: 'NULL', at }],
    ] as const) {
      if (!this.#text.startsWith(word, at)) continue;
      this.#at += word.length;
      return token;
    }
    return this.#number(at);
  }

  #number(at: number): Token {
    NUMBER.lastIndex = at;
    const [text] = NUMBER.exec(this.#text) ?? [];
    if (text === undefined || text.startsWith('.')) {
      return { type: 'ERROR', at, value: /[-+\d]/.test(this.#text[at] as string) ? 'invalid number' : 'invalid token' };
    }
    this.#at += text.length;
    if (/nan$/i.test(text)) return { type: 'NUMBER', at, value: Number.NaN };
    // A range error is no error here: what overflows is infinite, what underflows is 0.
    return { type: 'NUMBER', at, value: parseFloat64(text) ?? Number(text) };
  }

  #string(start: number): Token {
    let value = '';
    let at = start + 1;
    for (;;) {
      const character = this.#text[at];
      if (character === '"') break;
      if (character === undefined || character === '\0') return { type: 'ERROR', at, value: 'unexpected end of string' };
      if (character !== '\\') {
        const plain = /[^"\\\0]+/y;
        plain.lastIndex = at;
        const [run] = plain.exec(this.#text) as RegExpExecArray;
        value += run;
        at += run.length;
        continue;
      }
      const escape = this.#text[at + 1] ?? '';
      if (escape === 'u') {
        const decoded = this.#unicode(at);
        if (decoded === undefined) return { type: 'ERROR', at, value: 'invalid unicode escape code' };
        value += Buffer.from(decoded.text, 'utf8').toString('latin1');
        at += decoded.length;
        continue;
      }
      const plain = ESCAPED[escape];
      if (plain === undefined) return { type: 'ERROR', at, value: 'invalid escape code' };
      value += plain;
      at += 2;
    }
    this.#at = at + 1;
    return { type: 'STRING', at: start, value };
  }

  /** One `\uXXXX`, or two that make a surrogate pair; undefined for half a pair and bad digits. */
  #unicode(at: number): { text: string; length: number } | undefined {
    const first = this.#hexadecimal(at);
    if (first === undefined || (first & 0xfc00) === 0xdc00) return undefined;
    if ((first & 0xf800) !== 0xd800) return { text: String.fromCodePoint(first), length: 6 };
    const second = this.#hexadecimal(at + 6);
    if (second === undefined || (second & 0xfc00) !== 0xdc00) return undefined;
    return { text: String.fromCharCode(first, second), length: 12 };
  }

  #hexadecimal(at: number): number | undefined {
    const match = /^\\u([0-9a-fA-F]{4})/.exec(this.#text.slice(at, at + 6));
    return match === null ? undefined : Number.parseInt(match[1] as string, 16);
  }
}
