import { expect, test } from 'vitest';
import { VirtualClock } from '../../../helpers/virtual-clock.ts';
import { clientOf, eventually, startedServer } from './clients.ts';
import type { RunningRedis } from '../../../../src/infra/embedded/redis/server.ts';
import { encodeRequest, RawClient } from './raw-client.ts';

async function untilBlocked(server: RunningRedis, count: number): Promise<void> {
  const observer = clientOf(server);
  await eventually(`${count} waiting clients`, async () => (await observer.info('clients')).includes(`blocked_clients:${count}\r\n`));
}

test('P01 who waits longest is served first, one element each', async () => {
  const server = await startedServer();
  const [pusher, first, second] = [clientOf(server), clientOf(server), clientOf(server)];
  const one = first.blpop('other', 'queue', 0);
  await untilBlocked(server, 1);
  const two = second.brpop('queue', 0);
  await untilBlocked(server, 2);
  expect(await pusher.rpush('queue', 'a', 'b', 'c')).toBe(3);
  expect(await Promise.all([one, two])).toEqual([['queue', 'a'], ['queue', 'c']]);
  expect(await pusher.lrange('queue', 0, -1)).toEqual(['b']);
});

test('P01 a wait ends with null when its time is over, and leaves no timer behind', async () => {
  const clock = new VirtualClock();
  const server = await startedServer({ clock });
  const timersBefore = clock.pendingTimers;
  const waiting = clientOf(server).blpop('queue', 1.5);
  await untilBlocked(server, 1);
  await clock.advance(1400);
  await untilBlocked(server, 1);
  await clock.advance(200);
  expect(await waiting).toBeNull();
  expect(clock.pendingTimers).toBe(timersBefore);
});

test('P01 waiting clients are served after a transaction or a script has ended, with what it left', async () => {
  const server = await startedServer();
  const client = clientOf(server);
  const waiting = clientOf(server).blpop('queue', 0);
  await untilBlocked(server, 1);
  await client.multi().rpush('queue', 'a').lpop('queue').exec();
  await untilBlocked(server, 1);
  await client.eval("redis.call('RPUSH', 'queue', 'x', 'y') redis.call('LPOP', 'queue')", 0);
  expect(await waiting).toEqual(['queue', 'y']);
});

test('P01 what one waiting client moves on serves the next', async () => {
  const server = await startedServer();
  const end = clientOf(server).blpop('done', 0);
  await untilBlocked(server, 1);
  const moved = clientOf(server).blmove('work', 'done', 'LEFT', 'RIGHT', 0);
  await untilBlocked(server, 2);
  await clientOf(server).rpush('work', 'job');
  expect([await moved, await end]).toEqual(['job', ['done', 'job']]);
});

test('P01 a sorted set can be waited for, and a key of another kind does not disturb who waits', async () => {
  const server = await startedServer();
  const client = clientOf(server);
  const waiting = clientOf(server).bzpopmin('queue', 0);
  await untilBlocked(server, 1);
  await client.zadd('queue', 2, 'b', 1, 'a');
  expect(await waiting).toEqual(['queue', 'a', '1']);
  await client.del('queue');
  const list = clientOf(server).blpop('queue', 0);
  await untilBlocked(server, 1);
  await client.set('queue', 'a string');
  await client.del('queue');
  await client.rpush('queue', 'x');
  expect(await list).toEqual(['queue', 'x']);
});

test('P01 requests sent behind a waiting one are answered after it; a client that leaves takes nothing', async () => {
  const server = await startedServer();
  const client = clientOf(server);
  await using waiting = await RawClient.connect(server.port);
  waiting.write(encodeRequest(['BLPOP', 'queue', '0']) + encodeRequest(['LLEN', 'queue']));
  {
    await using leaving = await RawClient.connect(server.port);
    leaving.write(encodeRequest(['BLPOP', 'other', '0']));
    await untilBlocked(server, 2);
  }
  await untilBlocked(server, 1);
  await client.rpush('other', 'kept');
  expect(await client.llen('other')).toBe(1);
  await client.rpush('queue', 'a', 'b');
  const [popped, length] = await waiting.replies(2);
  expect(popped).toEqual({ kind: '*', items: [{ kind: '$', text: 'queue' }, { kind: '$', text: 'a' }] });
  expect(length).toEqual({ kind: ':', text: '1' });
});

test('P01 CLIENT UNBLOCK ends a wait, with null or with an error', async () => {
  const server = await startedServer();
  const [admin, waiting] = [clientOf(server), clientOf(server)];
  const id = await waiting.client('ID');
  const quiet = waiting.blpop('queue', 0);
  await untilBlocked(server, 1);
  expect(await admin.client('UNBLOCK', id)).toBe(1);
  expect(await quiet).toBeNull();
  const loud = waiting.blpop('queue', 0).catch((error: Error) => error.message);
  await untilBlocked(server, 1);
  expect(await admin.client('UNBLOCK', id, 'ERROR')).toBe(1);
  expect(await loud).toBe('UNBLOCKED client unblocked via CLIENT UNBLOCK');
  expect(await admin.client('UNBLOCK', id)).toBe(0);
});
