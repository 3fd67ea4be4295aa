import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { clientOf, eventually, startedServer } from './clients.ts';

const SAVE = `
  local epoch = redis.call('HGET', KEYS[2], 'epoch')
  if epoch and tonumber(epoch) > tonumber(ARGV[1]) then return redis.error_reply('FENCED ' .. epoch) end
  redis.call('SET', KEYS[1], ARGV[2], 'EX', 3600)
  redis.call('HSET', KEYS[2], 'epoch', ARGV[1])
  return #ARGV[2]`;

test('P01 a script defined by ioredis is sent once, then called by its hash, again after SCRIPT FLUSH', async () => {
  const client = clientOf(await startedServer());
  client.defineCommand('save', { numberOfKeys: 2, lua: SAVE });
  const saving = client as Redis & { save: (...args: (string | Buffer)[]) => Promise<number> };
  const value = randomBytes(200_000);
  expect(await saving.save('section', 'progress', '5', value)).toBe(200_000);
  expect((await client.getBuffer('section'))?.equals(value)).toBe(true);
  await client.script('FLUSH');
  expect(await saving.save('section', 'progress', '6', 'new')).toBe(3);
  await expect(saving.save('section', 'progress', '5', 'zombie')).rejects.toThrow('FENCED 6');
  expect(await client.get('section')).toBe('new');
});

test.each([
  ['a loop', 'while true do end'],
  ['a loop of protected calls', 'while true do pcall(function() while true do end end) end'],
  ['a loop in a coroutine', 'while true do pcall(coroutine.wrap(function() while true do end end)) end'],
  ['a loop that talks to Redis', "while true do redis.pcall('GET', 'k') end"],
  ['an error handler', 'while true do xpcall(function() while true do end end, function() while true do end end) end'],
])('P01 %s without end is stopped; the server and other scripts go on', async (_title, script) => {
  const server = await startedServer();
  const client = clientOf(server);
  await client.config('SET', 'busy-reply-threshold', '100');
  const stopped = client.eval(`redis.call('SET', 'written', '1') ${script}`, 0).catch((error: Error) => error.message);
  const other = clientOf(server);
  expect(await other.set('k', 'v')).toBe('OK');
  expect(await stopped).toMatch(/^ERR Script killed: it ran longer than busy-reply-threshold \(100 ms\)\./);
  expect(await other.eval("return {redis.call('GET', 'written'), 1 + 1}", 0)).toEqual(['1', 2]);
});

test('P01 a script that eats the machine’s memory fails alone: a fresh machine takes over, kept scripts included', async () => {
  const client = clientOf(await startedServer());
  const sha = (await client.script('LOAD', 'return KEYS[1]')) as string;
  await expect(client.eval("local t, text = {}, 'x' while #text < 500000 do text = text .. text end while true do t[#t + 1] = text .. #t end", 0)).rejects.toThrow('Script killed: it took more than 268435456 bytes of memory.');
  await expect(client.eval("return string.rep('x', 1e10)", 0)).rejects.toThrow(/resulting string too large|restarted/);
  await eventually('scripts to work again', async () => (await client.evalsha(sha, 1, 'k').catch(() => undefined)) === 'k');
});

test('P01 nothing that a script does to the language reaches the next one', async () => {
  const client = clientOf(await startedServer());
  const attempts = [
    'leak = 1', '_G.leak = 1', "rawset(_G, 'leak', 1)", 'string.upper = nil', 'redis.call = nil', "rawset(string, 'upper', nil)", 'setmetatable(_G, {})',
    "getmetatable('').__index = {}", "getmetatable('').__index.upper = function() return 'evil' end", 'getmetatable(_G).__index = {}', 'getmetatable(string).__index.upper = nil',
    "local f = loadstring('leak = 1') f()", 'coroutine.wrap(function() leak = 1 end)()', 'cjson.encode = nil', "collectgarbage('stop')",
  ];
  const outcomes = await Promise.all(attempts.map((attempt) => client.eval(`${attempt} return 'done'`, 0).catch((error: Error) => error.message)));
  expect(outcomes.slice(0, -1).filter((outcome) => !/Attempt to modify a readonly table|attempt to index field '__index'/.test(String(outcome)))).toEqual([]);
  expect(outcomes.at(-1)).toBe('done');
  expect(await client.eval("return {('x'):upper(), string.upper('y'), redis.call('PING').ok, cjson.encode({1})}", 0)).toEqual(['X', 'Y', 'PONG', '[1]']);
  await expect(client.eval('return leak', 0)).rejects.toThrow("nonexistent global variable 'leak'");
  for (const name of ['os', 'io', 'debug', 'require', 'package', 'dofile', 'loadfile', 'setfenv', 'getfenv', 'newproxy', 'print', 'module']) {
    await expect(client.eval(`return ${name}`, 0)).rejects.toThrow(`nonexistent global variable '${name}'`);
  }
});

test('P01 a script that throws things which are no errors gets an error reply all the same', async () => {
  const client = clientOf(await startedServer());
  const trap = 'function() while true do end end';
  for (const thrown of ['{}', '{x = 1}', '{err = 5}', '{err = {}}', 'true', 'nil', 'print', `setmetatable({}, {__index = ${trap}, __newindex = ${trap}, __tostring = ${trap}})`]) {
    await expect(client.eval(`error(${thrown.replace('print', 'tostring')})`, 0)).rejects.toThrow(/^(ERR |5 script)/);
  }
  expect(await client.ping()).toBe('PONG');
});

test('P01 a script is one step: other clients see all of it or nothing, also where it fails half way', async () => {
  const server = await startedServer();
  const [writer, reader] = [clientOf(server), clientOf(server)];
  const seen = new Set<string>();
  const writing = Promise.all(Array.from({ length: 200 }, (_, index) => writer.eval("redis.call('SET', 'a', ARGV[1]) for i = 1, 5000 do end redis.call('SET', 'b', ARGV[1])", 0, index)));
  for (let index = 0; index < 200; index++) seen.add(String((await reader.mget('a', 'b')).map((value, _at, all) => value === all[0])));
  await writing;
  expect([...seen]).toEqual(['true,true']);
  await expect(writer.eval("redis.call('SET', 'kept', '1') redis.call('LPUSH', 'kept', 'x')", 0)).rejects.toThrow('WRONGTYPE');
  expect(await reader.get('kept')).toBe('1');
});

test('P01 a script selects its own database: the caller stays where it was', async () => {
  const client = clientOf(await startedServer());
  await client.eval("redis.call('SELECT', 5) redis.call('SET', 'k', 'in five')", 0);
  expect(await client.get('k')).toBeNull();
  await client.select(5);
  expect(await client.eval("return redis.call('GET', 'k')", 0)).toBe('in five');
});

test('P01 thousands of saves of 200 KB leave the server’s memory where it was', { timeout: 60_000 }, async () => {
  const client = clientOf(await startedServer());
  const sha = (await client.script('LOAD', SAVE)) as string;
  const value = randomBytes(200_000);
  const save = (): Promise<unknown> => client.evalsha(sha, 2, 'section', 'progress', '1', value);
  for (let index = 0; index < 300; index++) await save();
  const before = process.memoryUsage();
  for (let index = 0; index < 1500; index++) await save();
  const after = process.memoryUsage();
  // 1500 saves are 300 MB: what stays of them would show.
  expect(after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed).toBeLessThan(150e6);
});
