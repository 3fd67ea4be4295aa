import { expect, test } from 'vitest';
import { VirtualClock } from '../../../helpers/virtual-clock.ts';
import { clientOf, eventually, startedServer } from './clients.ts';

test('P01 keys live by the clock that the server was given, to the millisecond', async () => {
  const clock = new VirtualClock();
  const client = clientOf(await startedServer({ clock }));
  await client.set('k', 'v', 'EX', 3600);
  await clock.advance(3_599_999);
  expect(await client.pttl('k')).toBe(1);
  expect(await client.get('k')).toBe('v');
  await clock.advance(1);
  expect(await client.get('k')).toBeNull();
  expect(await client.ttl('k')).toBe(-2);
  expect(await client.call('TIME')).toEqual([String(Math.floor(clock.now() / 1000)), String((clock.now() % 1000) * 1000)]);
});

test('P01 keys that nobody asks for are removed in the background, with one timer for all of them', async () => {
  const clock = new VirtualClock();
  const client = clientOf(await startedServer({ clock }));
  const timersBefore = clock.pendingTimers;
  const pipeline = client.pipeline();
  for (let index = 0; index < 3000; index++) pipeline.set(`k${index}`, 'v', 'PX', 1 + (index % 1000));
  await pipeline.set('stays', 'v').set('later', 'v', 'EX', 100).exec();
  expect(clock.pendingTimers).toBe(timersBefore);
  expect(await client.dbsize()).toBe(3002);
  await clock.advance(5000);
  expect(await client.dbsize()).toBe(2);
  expect(await client.info('stats')).toContain('expired_keys:3000\r\n');
});

test('P01 a script and a transaction see one instant from their beginning to their end', async () => {
  const client = clientOf(await startedServer());
  const script = `
    redis.call('SET', KEYS[1], 'v', 'PX', 20)
    local before = redis.call('TIME')
    for i = 1, 3000000 do end
    local after = redis.call('TIME')
    return {redis.call('GET', KEYS[1]), before[1] == after[1] and before[2] == after[2]}`;
  expect(await client.eval(script, 1, 'k')).toEqual(['v', 1]);
  await eventually('the key to be gone', async () => (await client.exists('k')) === 0);
});
