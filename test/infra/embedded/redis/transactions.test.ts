import { expect, test } from 'vitest';
import { VirtualClock } from '../../../helpers/virtual-clock.ts';
import { clientOf, startedServer } from './clients.ts';

test('P01 EXEC runs what was queued in one piece; an error in it is its own, and nothing is undone', async () => {
  const client = clientOf(await startedServer());
  const replies = await client.multi().set('a', '1').lpush('a', 'x').incr('a').exec();
  expect(replies?.map(([error, reply]) => error?.message ?? reply)).toEqual(['OK', 'WRONGTYPE Operation against a key holding the wrong kind of value', 2]);
});

test('P01 a transaction with a command that was refused is refused as a whole', async () => {
  const client = clientOf(await startedServer());
  await client.multi({ pipeline: false });
  await client.call('SET', 'a', '1');
  await expect(client.call('NOSUCH')).rejects.toThrow('unknown command');
  await expect(client.call('EXEC')).rejects.toThrow('EXECABORT Transaction discarded because of previous errors.');
  expect(await client.get('a')).toBeNull();
});

test.each([
  ['another client’s SET', ['SET', 'k', 'theirs']],
  ['a DEL of the key', ['DEL', 'k']],
  ['a change inside a container', ['HSET', 'h', 'f', '2']],
  ['an EXPIRE', ['EXPIRE', 'k', '100']],
  ['FLUSHALL', ['FLUSHALL']],
  ['a script', ['EVAL', "redis.call('INCR', 'n')", '0']],
])('P01 WATCH: %s between WATCH and EXEC makes EXEC do nothing', async (_title, [command, ...args]) => {
  const server = await startedServer();
  const [client, other] = [clientOf(server), clientOf(server)];
  await client.multi().set('k', 'v').hset('h', 'f', '1').set('n', '1').exec();
  await client.watch('k', 'h', 'n');
  await other.call(command as string, ...args);
  expect(await client.multi().set('result', 'x').exec()).toBeNull();
  expect(await client.exists('result')).toBe(0);
  expect(await client.multi().set('result', 'x').exec()).toEqual([[null, 'OK']]);
});

test('P01 WATCH: a key that runs out of time counts as changed, one that had run out before does not', async () => {
  const clock = new VirtualClock();
  const client = clientOf(await startedServer({ clock }));
  await client.set('k', 'v', 'PX', 50);
  await client.watch('k');
  await clock.advance(60);
  expect(await client.multi().ping().exec()).toBeNull();
  await client.set('k', 'v', 'PX', 50);
  clock.stepWall(60);
  await client.watch('k');
  expect(await client.multi().ping().exec()).toEqual([[null, 'PONG']]);
});

test('P01 WATCH: UNWATCH, DISCARD and an unchanged key let EXEC run', async () => {
  const server = await startedServer();
  const [client, other] = [clientOf(server), clientOf(server)];
  await client.watch('k');
  await other.set('k', '1');
  await client.unwatch();
  expect(await client.multi().ping().exec()).toEqual([[null, 'PONG']]);
  await client.watch('k');
  await other.set('elsewhere', '1');
  expect(await client.multi().incr('k').exec()).toEqual([[null, 2]]);
});
