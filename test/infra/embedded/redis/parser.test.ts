import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RequestParser } from '../../../../src/infra/embedded/redis/protocol/request-parser.ts';
import { encodeRequest } from './raw-client.ts';

const argument = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ minLength: 500, maxLength: 800 })).map((bytes) => Buffer.from(bytes).toString('latin1'));

test('P01 requests are read alike however the network cuts them', () => {
  fc.assert(
    fc.property(fc.array(fc.array(argument, { minLength: 1, maxLength: 5 }), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (requests, cuts) => {
      const bytes = Buffer.from(requests.map(encodeRequest).join(''), 'latin1');
      const parser = new RequestParser();
      const read: string[][] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = cuts[turn % cuts.length] as number;
        parser.push(bytes.subarray(at, at + size));
        at += size;
        for (let request = parser.next(); request !== undefined; request = parser.next()) read.push(request);
      }
      expect(read).toEqual(requests);
    }),
    { seed: 20_261_120 },
  );
});
