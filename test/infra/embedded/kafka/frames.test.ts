import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedRequest } from '../../../../src/infra/embedded/kafka/error-codes.ts';
import { FrameSplitter } from '../../../../src/infra/embedded/kafka/protocol/frame-splitter.ts';
import { Reader } from '../../../../src/infra/embedded/kafka/protocol/reader.ts';
import { Writer } from '../../../../src/infra/embedded/kafka/protocol/writer.ts';

function framed(contents: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(contents.length);
  return Buffer.concat([length, contents]);
}

describe('frames and primitive types', () => {
  test('P01 the same frames come out however the stream is cut', () => {
    const contents = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(contents, fc.array(fc.integer({ min: 1, max: 30 })), (frames, cuts) => {
        const stream = Buffer.concat(frames.map(framed));
        const splitter = new FrameSplitter();
        const received: Buffer[] = [];
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          splitter.push(stream.subarray(at, at + cut));
          at += cut;
          for (let frame = splitter.next(); frame !== undefined; frame = splitter.next()) received.push(frame);
        }
        expect(received.map((frame) => frame.toString('hex'))).toEqual(frames.map((frame) => Buffer.from(frame).toString('hex')));
        expect(splitter.bufferedBytes).toBe(0);
      }),
    );
  });

  test.each([-1, 2 ** 31 - 1, 0x47455420])('P01 a frame of %d bytes is refused before anything is allocated for it', (length) => {
    const splitter = new FrameSplitter();
    const head = Buffer.alloc(4);
    head.writeInt32BE(length);
    splitter.push(head);
    expect(() => splitter.next()).toThrow(MalformedRequest);
  });

  test('P01 what is written is read back: numbers, strings, bytes, arrays, nulls', () => {
    const int64 = fc.integer({ min: -(2 ** 53), max: 2 ** 53 });
    fc.assert(
      fc.property(int64, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.option(fc.string({ unit: 'binary', maxLength: 700 })), fc.array(fc.nat({ max: 6000 }), { maxLength: 4 }), (long, int, text, sizes) => {
        const blobs = sizes.map((size, index) => Buffer.alloc(size, size + index));
        const pieces = new Writer().int64(long).int32(int).string(text).boolean(true).array(blobs, () => undefined).finish();
        const head = Buffer.concat(pieces);
        expect(head.readInt32BE(0)).toBe(head.length - 4);
        const reader = new Reader(head, 4);
        expect([reader.int64(), reader.int32(), reader.nullableString(), reader.boolean(), reader.int32()]).toEqual([long, int, text, true, blobs.length]);
        reader.end();
        const writer = new Writer();
        writer.array(blobs, (blob) => writer.bytes(blob));
        const body = new Reader(Buffer.concat(writer.finish()), 4);
        expect(body.array(() => body.bytes().toString('hex'))).toEqual(blobs.map((blob) => blob.toString('hex')));
        body.end();
      }),
      { numRuns: 50 },
    );
  });

  test.each<[string, (reader: Reader) => unknown, number[]]>([
    ['a number that is cut off', (reader) => reader.int32(), [0, 0, 0]],
    ['a string longer than the request', (reader) => reader.string(), [0, 9, 65]],
    ['a string of negative length', (reader) => reader.string(), [255, 254, 65]],
    ['a null string where none may be', (reader) => reader.string(), [255, 255]],
    ['bytes longer than the request', (reader) => reader.bytes(), [127, 255, 255, 255, 1]],
    ['an array of two thousand million elements', (reader) => reader.array(() => reader.int8()), [127, 255, 255, 255, 1]],
    ['an array of negative length', (reader) => reader.array(() => reader.int8()), [255, 255, 255, 254]],
    ['bytes left over', (reader) => reader.end(), [1]],
  ])('P01 a request is refused for %s', (_what, read, bytes) => {
    expect(() => read(new Reader(Buffer.from(bytes)))).toThrow(MalformedRequest);
  });
});
