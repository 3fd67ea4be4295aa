import { expect, test } from 'vitest';
import { clientOf, startedServer } from './clients.ts';

test('P01 SCAN meets every key that stays exactly once, whatever is written meanwhile, and comes to an end', async () => {
  const client = clientOf(await startedServer());
  const stable = Array.from({ length: 200 }, (_, index) => `stable:${index}`);
  await client.mset(...stable.flatMap((key, index) => [key, 'v', `doomed:${index}`, 'v']));
  const met: string[] = [];
  let cursor = '0';
  let round = 0;
  do {
    const [next, keys] = await client.scan(cursor, 'COUNT', 7);
    met.push(...keys);
    cursor = next;
    // Enough new keys a step to keep a scan that follows them going for ever.
    for (let index = 0; index < 20; index++) await client.set(`new:${round}:${index}`, 'v');
    await client.del(`doomed:${round}`, `doomed:${199 - round}`);
    await client.set(stable[round % 200] as string, 'again');
    round++;
  } while (cursor !== '0');
  expect(met.filter((key) => key.startsWith('stable:')).toSorted()).toEqual(stable.toSorted());
  expect(round).toBeLessThan(80);
});

test('P01 SCAN narrows by pattern and type, and the streams of ioredis read whole containers', async () => {
  const client = clientOf(await startedServer());
  await client.mset('a:1', 'v', 'a:2', 'v', 'b:1', 'v');
  await client.sadd('a:set', ...Array.from({ length: 500 }, (_, index) => String(index)));
  const found: string[] = [];
  for await (const keys of client.scanStream({ match: 'a:*', type: 'string', count: 1 }) as AsyncIterable<string[]>) found.push(...keys);
  expect(found.toSorted()).toEqual(['a:1', 'a:2']);
  const members = new Set<string>();
  for await (const page of client.sscanStream('a:set') as AsyncIterable<string[]>) for (const member of page) members.add(member);
  expect(members.size).toBe(500);
});
