import { once } from 'node:events';
import { expect, test } from 'vitest';
import { clientOf, eventually, startedServer } from './clients.ts';

test('P01 messages reach channel and pattern subscribers, bytes unchanged, in the order of publishing', async () => {
  const server = await startedServer();
  const [publisher, byChannel, byPattern] = [clientOf(server), clientOf(server), clientOf(server)];
  expect(await byChannel.subscribe('news', 'other')).toBe(2);
  expect(await byPattern.psubscribe('n?ws', 'n*')).toBe(2);
  const heard: string[] = [];
  byChannel.on('messageBuffer', (channel: Buffer, message: Buffer) => heard.push(`${channel.toString()}=${message.toString('latin1')}`));
  const matched: string[] = [];
  byPattern.on('pmessage', (pattern: string, channel: string, message: string) => matched.push(`${pattern}:${channel}=${message}`));
  expect(await publisher.publish('news', Buffer.from([0, 255, 13, 10]))).toBe(3);
  for (let index = 0; index < 100; index++) await publisher.publish('news', String(index));
  await eventually('all messages', () => heard.length === 101 && matched.length === 202);
  expect(heard).toEqual(['news=\0\xff\r\n', ...Array.from({ length: 100 }, (_, index) => `news=${index}`)]);
  expect(matched.slice(2, 4)).toEqual(['n?ws:news=0', 'n*:news=0']);
  expect(await publisher.publish('nobody', 'x')).toBe(1);
  expect(await publisher.publish('silent', 'x')).toBe(0);
});

test('P01 PUBSUB counts subscribers, and one that leaves, either way, is forgotten', async () => {
  const server = await startedServer();
  const [observer, leaving, cut] = [clientOf(server), clientOf(server), clientOf(server)];
  await Promise.all([leaving.subscribe('a', 'b'), cut.subscribe('a'), cut.psubscribe('p*')]);
  expect(await observer.pubsub('NUMSUB', 'a', 'b', 'none')).toEqual(['a', 2, 'b', 1, 'none', 0]);
  expect(await observer.pubsub('NUMPAT')).toBe(1);
  expect(await leaving.unsubscribe()).toBe(0);
  expect(await leaving.get('k')).toBeNull();
  cut.disconnect();
  await once(cut, 'end');
  await eventually('the channels to be forgotten', async () => ((await observer.pubsub('CHANNELS')) as string[]).length === 0);
  expect(await observer.pubsub('NUMPAT')).toBe(0);
});

test('P01 a subscriber may only subscribe, unsubscribe, ping and quit', async () => {
  const subscriber = clientOf(await startedServer());
  await subscriber.subscribe('a');
  await expect(subscriber.call('GET', 'k')).rejects.toThrow(/subscriber mode|Can't execute 'get'/);
  expect(await subscriber.ping('x')).toEqual(['pong', 'x']);
});
