import { readdirSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../../../src/core/rng.ts';
import { startToxiproxy } from '../../../../src/infra/embedded/toxiproxy/server.ts';
import { toxics } from '../../../../src/infra/embedded/toxiproxy/toxics/index.ts';
import { cutPoints } from '../../../../src/infra/embedded/toxiproxy/toxics/slicer.ts';
import { Bench } from '../../../contract/toxiproxy-bench.ts';

describe('registry', () => {
  test('P01 every toxic has a file named after it, and every file is registered', () => {
    const files = readdirSync(new URL('../../../../src/infra/embedded/toxiproxy/toxics/', import.meta.url));
    const expected = toxics.map((toxic) => `${toxic.type.replaceAll('_', '-')}.ts`);
    expect(files.filter((file) => !['index.ts', 'define-toxic.ts'].includes(file)).toSorted()).toEqual(expected.toSorted());
  });
});

describe('slicer', () => {
  test('P01 slices cover the chunk in order, none empty, none above average and variation', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 600 }), fc.integer({ min: 0, max: 6000 }), fc.integer(), (size, average, variation, seed) => {
        const ends: number[] = [];
        cutPoints(0, size, average, variation, createRng(seed), ends);
        expect(ends.at(-1)).toBe(size);
        for (const [index, end] of ends.entries()) {
          const length = end - (ends[index - 1] ?? 0);
          expect(length).toBeGreaterThan(0);
          expect(length).toBeLessThanOrEqual(average + variation);
        }
      }),
    );
  });
});

describe('live changes', () => {
  test('P01 no order of adding, updating and removing toxics harms a stream under way, in either direction', async () => {
    await using toxiproxy = await startToxiproxy({ seed: 7 });
    const kinds = [
      { type: 'latency', attributes: { latency: 4, jitter: 3 } },
      { type: 'slicer', attributes: { average_size: 700, size_variation: 200, delay: 5 } },
      { type: 'bandwidth', attributes: { rate: 50_000 } },
      { type: 'bandwidth', attributes: { rate: 0 } },
      { type: 'slow_close', attributes: { delay: 5 } },
      { type: 'limit_data', attributes: { bytes: 1_000_000_000 } },
      { type: 'noop', attributes: {} },
    ];
    const change = fc.record({ act: fc.constantFrom('add', 'add', 'update', 'remove'), kind: fc.constantFrom(...kinds), stream: fc.constantFrom('upstream', 'downstream'), toxicity: fc.constantFrom(1, 0.5), pick: fc.nat(20) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 5, maxLength: 25 }), async (changes) => {
        await using bench = await Bench.set(toxiproxy.url, { echo: true });
        const { client } = await bench.connect();
        const sent = Buffer.alloc(40_000 * changes.length, Uint8Array.from({ length: 251 }, (_, index) => index));
        const live: string[] = [];
        for (const [index, { act, kind, stream, toxicity, pick }] of changes.entries()) {
          client.write(sent.subarray(index * 40_000, (index + 1) * 40_000));
          const chosen = live[pick % Math.max(1, live.length)];
          if (act === 'add') live.push(await bench.add(kind.type, kind.attributes, { stream, toxicity, name: `t${index}` }));
          else if (chosen !== undefined && act === 'update') await bench.update(chosen, { toxicity });
          else if (chosen !== undefined) await bench.remove(live.splice(live.indexOf(chosen), 1)[0] as string);
        }
        for (const name of live) await bench.remove(name);
        expect((await client.received(sent.length)).equals(sent)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
});
