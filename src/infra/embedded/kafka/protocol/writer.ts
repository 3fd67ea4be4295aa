const INITIAL_BYTES = 512;
/** Below this a copy is cheaper than one more element in the gather list of a write. */
const COPY_BELOW_BYTES = 4096;
const LENGTH_BYTES = 4;

/**
 * Builds one reply frame: `length INT32` and Kafka's primitive types, big endian. Large byte
 * fields are not copied: `finish` returns the pieces for a gathering write.
 */
export class Writer {
  #chunks: Buffer[] = [];
  #buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  #start = 0;
  #offset = LENGTH_BYTES;
  #finishedBytes = 0;

  int8(value: number): this {
    const at = this.#reserve(1);
    this.#buffer.writeInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.#reserve(2);
    this.#buffer.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#reserve(4);
    this.#buffer.writeInt32BE(value, at);
    return this;
  }

  int64(value: number): this {
    const at = this.#reserve(8);
    this.#buffer.writeInt32BE(Math.floor(value / 2 ** 32), at);
    this.#buffer.writeUInt32BE(value >>> 0, at + 4);
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const length = Buffer.byteLength(value);
    this.int16(length);
    const at = this.#reserve(length);
    this.#buffer.write(value, at, 'utf8');
    return this;
  }

  bytes(value: Buffer | null): this {
    if (value === null) return this.int32(-1);
    return this.int32(value.length).#raw(value);
  }

  /** One byte field made of several pieces, none of them copied where that saves something. */
  gatheredBytes(pieces: readonly Buffer[], totalBytes: number): this {
    this.int32(totalBytes);
    for (const piece of pieces) this.#raw(piece);
    return this;
  }

  array<T>(elements: readonly T[], writeElement: (element: T) => void): this {
    this.int32(elements.length);
    for (const element of elements) writeElement(element);
    return this;
  }

  int32Array(values: readonly number[]): this {
    return this.array(values, (value) => this.int32(value));
  }

  /** The frame in pieces, length filled in. The writer is spent. */
  finish(): Buffer[] {
    this.#cut();
    (this.#chunks[0] as Buffer).writeInt32BE(this.#finishedBytes - LENGTH_BYTES, 0);
    return this.#chunks;
  }

  #raw(value: Buffer): this {
    if (value.length < COPY_BELOW_BYTES) {
      const at = this.#reserve(value.length);
      value.copy(this.#buffer, at);
    } else {
      this.#cut();
      this.#chunks.push(value);
      this.#finishedBytes += value.length;
    }
    return this;
  }

  #cut(): void {
    if (this.#offset === this.#start) return;
    this.#chunks.push(this.#buffer.subarray(this.#start, this.#offset));
    this.#finishedBytes += this.#offset - this.#start;
    this.#start = this.#offset;
  }

  #reserve(length: number): number {
    if (this.#offset + length > this.#buffer.length) {
      const pending = this.#buffer.subarray(this.#start, this.#offset);
      this.#buffer = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, pending.length + length));
      pending.copy(this.#buffer, 0);
      this.#start = 0;
      this.#offset = pending.length;
    }
    const at = this.#offset;
    this.#offset = at + length;
    return at;
  }
}
