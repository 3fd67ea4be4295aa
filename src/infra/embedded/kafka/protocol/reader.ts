import { MalformedRequest } from '../error-codes.ts';

/**
 * Reads Kafka's primitive types (big endian; lengths before contents, -1 for null) from one request.
 * Every method throws MalformedRequest where the bytes end too early or a length makes no sense.
 *
 * INT64 becomes a number: exact up to 2^53, which no offset, timestamp or producer id here reaches;
 * a larger one is rounded and then refused as out of range like any other unknown value.
 */
export class Reader {
  readonly #buffer: Buffer;
  #offset: number;

  constructor(buffer: Buffer, offset = 0) {
    this.#buffer = buffer;
    this.#offset = offset;
  }

  get remaining(): number {
    return this.#buffer.length - this.#offset;
  }

  int8(): number {
    return this.#buffer.readInt8(this.#advance(1));
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#advance(2));
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#advance(4));
  }

  int64(): number {
    const at = this.#advance(8);
    return this.#buffer.readInt32BE(at) * 2 ** 32 + this.#buffer.readUInt32BE(at + 4);
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  string(): string {
    return this.nullableString() ?? this.#fail('a string is null where the protocol forbids it');
  }

  nullableString(): string | null {
    const length = this.int16();
    if (length === -1) return null;
    const at = this.#advance(length);
    return this.#buffer.toString('utf8', at, at + length);
  }

  bytes(): Buffer {
    return this.nullableBytes() ?? this.#fail('a byte field is null where the protocol forbids it');
  }

  /** A view of the request, not a copy. */
  nullableBytes(): Buffer | null {
    const length = this.int32();
    if (length === -1) return null;
    const at = this.#advance(length);
    return this.#buffer.subarray(at, at + length);
  }

  array<T>(readElement: (reader: Reader) => T): T[] {
    return this.nullableArray(readElement) ?? this.#fail('an array is null where the protocol forbids it');
  }

  nullableArray<T>(readElement: (reader: Reader) => T): T[] | null {
    const count = this.int32();
    if (count === -1) return null;
    // No element is shorter than a byte: a count above the bytes left would only buy an enormous allocation.
    if (count < 0 || count > this.remaining) this.#fail(`an array claims ${count} elements with ${this.remaining} bytes left`);
    const elements: T[] = [];
    for (let index = 0; index < count; index++) elements.push(readElement(this));
    return elements;
  }

  /** Throws where bytes are left: the request is not the message that its header names. */
  end(): void {
    if (this.remaining > 0) this.#fail(`${this.remaining} bytes are left after the last field`);
  }

  #advance(length: number): number {
    const at = this.#offset;
    if (length < 0 || length > this.#buffer.length - at) this.#fail(`a field of ${length} bytes at offset ${at} does not fit in a request of ${this.#buffer.length}`);
    this.#offset = at + length;
    return at;
  }

  #fail(what: string): never {
    throw new MalformedRequest(`Malformed Kafka request: ${what}.`);
  }
}
