import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { InfraUnavailable } from '../../../../src/infra/error-codes.ts';
import { startRedisServer } from '../../../../src/infra/embedded/redis/server.ts';
import { clientOf, eventually, startedServer } from './clients.ts';
import { RawClient } from './raw-client.ts';

test('P01 ioredis connects with its ready check, names itself and works in the database that it selected', async () => {
  const server = await startedServer();
  const client = clientOf(server, { db: 3, connectionName: 'reporting-1' });
  await once(client, 'ready');
  await client.set('here', 'yes');
  expect(await client.client('GETNAME')).toBe('reporting-1');
  expect(await client.client('INFO')).toMatch(/name=reporting-1 .*db=3 .*lib-name=ioredis/);
  const other = clientOf(server);
  expect(await other.get('here')).toBeNull();
  await other.select(3);
  expect(await other.get('here')).toBe('yes');
  expect(await other.info('server')).toMatch(/redis_version:7\.0\.15\r\n/);
  expect(await other.info('keyspace')).toContain('db3:keys=1,expires=0');
});

test('P01 values and keys of any bytes and of several megabytes come back unchanged', async () => {
  const client = clientOf(await startedServer());
  for (const bytes of [0, 1, 65_536, 200_000, 8_000_000]) {
    const key = randomBytes(32);
    const value = randomBytes(bytes);
    await client.set(key, value);
    expect((await client.getBuffer(key))?.equals(value)).toBe(true);
    expect(await client.strlen(key)).toBe(bytes);
  }
});

test('P01 a pipeline of thousands is answered in order, and many clients at once lose nothing', async () => {
  const server = await startedServer();
  const pipeline = clientOf(server).pipeline();
  for (let index = 0; index < 5000; index++) pipeline.rpush('list', index).lindex('list', -1);
  const replies = await pipeline.exec();
  expect(replies?.map(([, reply]) => reply)).toEqual(Array.from({ length: 5000 }, (_, index) => [index + 1, String(index)]).flat());
  const clients = Array.from({ length: 50 }, () => clientOf(server));
  await Promise.all(clients.flatMap((client) => Array.from({ length: 40 }, () => client.incr('counter'))));
  expect(await clientOf(server).get('counter')).toBe('2000');
});

test('P01 a client that asks for RESP3 is told that it is not spoken, and goes on with RESP2', async () => {
  const server = await startedServer();
  await using client = await RawClient.connect(server.port);
  const [refused, accepted, reset] = await client.ask([['HELLO', '3'], ['HELLO', '2', 'SETNAME', 'me'], ['RESET']]);
  expect(refused).toEqual({ kind: '-', text: 'NOPROTO unsupported protocol version' });
  expect(accepted?.kind === '*' && accepted.items.slice(0, 6)).toEqual([
    { kind: '$', text: 'server' }, { kind: '$', text: 'redis' }, { kind: '$', text: 'version' }, { kind: '$', text: '7.0.15' }, { kind: '$', text: 'proto' }, { kind: ':', text: '2' },
  ]);
  expect(reset).toEqual({ kind: '+', text: 'RESET' });
});

test('P01 requests that exceed every limit close their connection with the reason, and no other', async () => {
  const server = await startedServer();
  const bystander = clientOf(server);
  for (const [input, reason] of [
    [`*${'1'.repeat(70_000)}`, 'too big mbulk count string'],
    ['x'.repeat(70_000), 'too big inline request'],
    [`*1\r\n$${'1'.repeat(70_000)}`, 'too big bulk count string'],
  ] as const) {
    await using client = await RawClient.connect(server.port);
    client.write(input);
    expect(await client.untilClosed()).toBe(`-ERR Protocol error: ${reason}\r\n`);
  }
  expect(await bystander.ping()).toBe('PONG');
});

test('P01 CLIENT LIST shows who is connected, CLIENT KILL cuts one off, CLIENT REPLY silences', async () => {
  const server = await startedServer();
  const client = clientOf(server, { connectionName: 'keeper' });
  const victim = clientOf(server, { connectionName: 'victim' });
  await Promise.all([client.ping(), victim.ping()]);
  const ended = once(victim, 'end');
  expect(await client.client('KILL', 'ID', await victim.client('ID'))).toBe(1);
  await ended;
  await eventually('the victim to be gone', async () => !String(await client.client('LIST')).includes('name=victim'));
  expect(await client.client('LIST')).toContain('name=keeper');
  await using raw = await RawClient.connect(server.port);
  const [echoed, on] = await (async () => {
    raw.write('CLIENT REPLY SKIP\r\nECHO dropped\r\nECHO kept\r\nCLIENT REPLY OFF\r\nECHO dropped\r\nCLIENT REPLY ON\r\n');
    return raw.replies(2);
  })();
  expect([echoed, on]).toEqual([{ kind: '$', text: 'kept' }, { kind: '+', text: 'OK' }]);
});

test('P01 CONFIG says how the server is and refuses what it could not carry out, all or nothing', async () => {
  const client = clientOf(await startedServer());
  expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  expect(await client.config('GET', 'appendonly')).toEqual(['appendonly', 'no']);
  await expect(client.config('SET', 'slowlog-max-len', '7', 'appendonly', 'yes')).rejects.toThrow("CONFIG SET failed (possibly related to argument 'appendonly')");
  expect(await client.config('GET', 'slowlog-max-len')).toEqual(['slowlog-max-len', '128']);
  await expect(client.config('SET', 'nonsense', '1')).rejects.toThrow("Unknown option or number of arguments for CONFIG SET - 'nonsense'");
  expect(await client.config('SET', 'lua-time-limit', '1234')).toBe('OK');
  expect(await client.config('GET', 'busy-reply-threshold')).toEqual(['busy-reply-threshold', '1234']);
});

test('P01 close ends every connection, frees the port and may be called twice; a port in use is named in a sentence', async () => {
  const server = await startRedisServer();
  const client = clientOf(server);
  await client.ping();
  const taken = startRedisServer({ port: server.port });
  await expect(taken).rejects.toBeInstanceOf(InfraUnavailable);
  await expect(taken).rejects.toThrow(`cannot listen on 127.0.0.1:${server.port}`);
  const ended = once(client, 'end');
  await Promise.all([server.close(), server.close()]);
  await ended;
  const again = await startedServer({ port: server.port });
  expect(await clientOf(again).dbsize()).toBe(0);
});
