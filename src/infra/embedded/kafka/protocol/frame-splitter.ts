import { MalformedRequest } from '../error-codes.ts';

const LENGTH_BYTES = 4;
/** Kafka's own default of `socket.request.max.bytes`. */
const MAX_FRAME_BYTES = 100 * 1024 * 1024;

/** Cuts a byte stream into frames of `length INT32, contents`; copies only frames that span reads. */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
  }

  /** The next whole frame without its length; undefined until it is all there. Throws MalformedRequest on an impossible length. */
  next(): Buffer | undefined {
    if (this.#bufferedBytes < LENGTH_BYTES) return undefined;
    if ((this.#chunks[0] as Buffer).length < LENGTH_BYTES) this.#chunks = [Buffer.concat(this.#chunks)];
    const length = (this.#chunks[0] as Buffer).readInt32BE(0);
    if (length < 0 || length > MAX_FRAME_BYTES) {
      throw new MalformedRequest(`Malformed Kafka request: a frame of ${length} bytes; 0 to ${MAX_FRAME_BYTES} are accepted.`);
    }
    const total = LENGTH_BYTES + length;
    if (this.#bufferedBytes < total) return undefined;
    if ((this.#chunks[0] as Buffer).length < total) this.#chunks = [Buffer.concat(this.#chunks)];
    const first = this.#chunks[0] as Buffer;
    if (first.length === total) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(total);
    this.#bufferedBytes -= total;
    return first.subarray(LENGTH_BYTES, total);
  }
}
