import * as fc from 'fast-check';

/* Random requests: half of them sensible on a handful of keys, half of them arguments thrown together. */

const KEYS = ['k1', 'k2', 'k3', 'k4', 'k5', '', 'bin\0\r\n\xff'];
const FIELDS = ['a', 'b', 'c', 'd', '', '10', '\xff\0', 'MATCH'];
const NUMBERS = ['0', '1', '2', '3', '-1', '-2', '10', '100', '007', '-0', '+5', ' 1', '1 ', '', 'x', '1.5', '9007199254740993', '9223372036854775807', '-9223372036854775808', '9223372036854775808', '1e3', '0x10', 'nan'];
const FLOATS = ['0', '1', '-1', '0.1', '0.2', '1.5', '-3.25', '1e5', '1e20', '1e-7', '3.0e3', 'inf', '-inf', '+inf', 'nan', 'abc', '', ' 1', '0x1p3', '1e400', '.5', '5.', '17179869184.000001', '9007199254740993', '0.30000000000000004'];
/** Seconds or milliseconds long enough that no key expires between the two servers' answers, or over at once. */
const LIFETIMES = ['100000', '200000', '0', '-1', 'x', '1.5', '9223372036854775807', '-9223372036854775808', '9223372036854775', '100'];
const INSTANTS = ['4000000000', '1', '0', '-1', 'x', '9223372036854775807'];
const INSTANTS_MS = ['4000000000000', '1', '0', '-5', 'x', '9223372036854775807'];
const BOUNDS = ['0', '1', '-1', '(1', '(0.5', '2', '-inf', '+inf', '(inf', 'x', '1e5', '(', '', 'nan'];
/** Only ever holds members of one score: by-lex ranges of any other set are unspecified. */
const LEX_KEY = 'lex';
const LEX = ['-', '+', '[a', '(a', '[b', '(d', '[', '(', 'a', '', '[\xff'];
const PATTERNS = ['*', '?', 'k*', '[k]1', '[^k]?', 'k[1-3]', '\\*', 'k\\1', '*1*', '[', '[a', 'k[3-1]', '**', 'k?*', '[\\k]1', '[^', '*[', 'k[1-'];

const key = fc.constantFrom(...KEYS);
const lexKey = fc.constantFrom(LEX_KEY);
const field = fc.constantFrom(...FIELDS);
const number = fc.constantFrom(...NUMBERS);
const small = fc.constantFrom('0', '1', '2', '3', '-1', '-2', '-3', '5', '100', '-100');
const float = fc.constantFrom(...FLOATS);
const lifetime = fc.constantFrom(...LIFETIMES);
const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array).toString('latin1'));
const value = fc.oneof({ arbitrary: bytes, weight: 3 }, { arbitrary: number, weight: 3 }, { arbitrary: float, weight: 2 }, { arbitrary: fc.constant('long '.repeat(30)), weight: 1 });

type Part = fc.Arbitrary<string | string[]> | string;

/** A request with its parts in order; a part may be several arguments or none. */
function request(...parts: Part[]): fc.Arbitrary<string[]> {
  const arbitraries = parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part));
  return fc.tuple(...arbitraries).map((chosen) => chosen.flat());
}

function anyOf(...names: string[]): fc.Arbitrary<string> {
  return fc.constantFrom(...names);
}

/** Some of the given words in any order, now and then twice. */
function options(...choices: (string | fc.Arbitrary<string[]>)[]): fc.Arbitrary<string[]> {
  const choice = fc.oneof(...choices.map((item) => (typeof item === 'string' ? fc.constant([item]) : item)));
  return fc.array(choice, { maxLength: 3 }).map((chosen) => chosen.flat());
}

function pair(name: string, argument: fc.Arbitrary<string>): fc.Arbitrary<string[]> {
  return fc.tuple(fc.constant(name), argument).map((both) => [...both]);
}

function several(arbitrary: fc.Arbitrary<string>, minLength = 1, maxLength = 4): fc.Arbitrary<string[]> {
  return fc.array(arbitrary, { minLength, maxLength });
}

function pairs(first: fc.Arbitrary<string>, second: fc.Arbitrary<string>): fc.Arbitrary<string[]> {
  return fc.array(fc.tuple(first, second), { minLength: 1, maxLength: 3 }).map((chosen) => chosen.flat());
}

const limit = fc.tuple(fc.constant('LIMIT'), small, small).map((all) => [...all]);
const setTimes = [pair('EX', lifetime), pair('PX', lifetime), pair('EXAT', fc.constantFrom(...INSTANTS)), pair('PXAT', fc.constantFrom(...INSTANTS_MS))];

const strings = [
  request(anyOf('GET', 'STRLEN', 'GETDEL', 'INCR', 'DECR'), key),
  request(anyOf('SET', 'set', 'SETNX', 'GETSET', 'APPEND'), key, value),
  request('SET', key, value, options('NX', 'XX', 'GET', 'KEEPTTL', 'bad', ...setTimes)),
  request('GETEX', key, options('PERSIST', 'NX', ...setTimes)),
  request(anyOf('SETEX', 'PSETEX'), key, lifetime, value),
  request(anyOf('INCRBY', 'DECRBY'), key, number),
  request('INCRBYFLOAT', key, float),
  request('MGET', several(key)),
  request(anyOf('MSET', 'MSETNX'), pairs(key, value)),
  request(anyOf('GETRANGE', 'SUBSTR'), key, small, small),
  request('SETRANGE', key, fc.constantFrom('0', '1', '5', '-1', 'x', '536870912', '30'), value),
];

const keyspace = [
  request(anyOf('DEL', 'UNLINK', 'EXISTS', 'TOUCH'), several(key, 1, 3)),
  request(anyOf('TYPE', 'TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME', 'PERSIST'), key),
  request(anyOf('EXPIRE', 'PEXPIRE'), key, lifetime, options('NX', 'XX', 'GT', 'LT', 'bad')),
  request('EXPIREAT', key, fc.constantFrom(...INSTANTS), options('NX', 'XX', 'GT', 'LT')),
  request('PEXPIREAT', key, fc.constantFrom(...INSTANTS_MS), options('NX', 'XX', 'GT', 'LT')),
  request(anyOf('RENAME', 'RENAMENX'), key, key),
  request('COPY', key, key, options('REPLACE', pair('DB', fc.constantFrom('0', '1', '16', 'x')), 'bad')),
  request('MOVE', key, fc.constantFrom('0', '1', '16', 'x')),
  request('KEYS', fc.constantFrom(...PATTERNS)),
  request('SCAN', fc.constantFrom('0', 'x', ''), options(pair('COUNT', fc.constantFrom('10000', '0', 'x')), pair('MATCH', fc.constantFrom(...PATTERNS)), pair('TYPE', anyOf('string', 'zset', 'nothing')), 'bad'), 'COUNT', '10000'),
  request('SELECT', fc.constantFrom('0', '0', '0', '1', '16', '-1', 'x')),
  request(anyOf('FLUSHDB', 'DBSIZE')),
  request('SWAPDB', fc.constantFrom('0', '1', 'x', '16'), fc.constantFrom('0', '1', 'x', '16')),
];

const hashes = [
  request(anyOf('HSET', 'HMSET'), key, pairs(field, value)),
  request('HSETNX', key, field, value),
  request(anyOf('HGET', 'HEXISTS', 'HSTRLEN'), key, field),
  request(anyOf('HMGET', 'HDEL'), key, several(field)),
  request(anyOf('HGETALL', 'HKEYS', 'HVALS', 'HLEN'), key),
  request('HINCRBY', key, field, number),
  request('HINCRBYFLOAT', key, field, float),
  request('HSCAN', key, fc.constantFrom('0', 'x'), options(pair('MATCH', fc.constantFrom('*', 'a', '[ab]')), pair('COUNT', number), 'NOVALUES'), 'COUNT', '10000'),
  request('HRANDFIELD', key, fc.constantFrom('0', 'x'), options('WITHVALUES', 'bad')),
];

const sets = [
  request(anyOf('SADD', 'SREM', 'SMISMEMBER'), key, several(field)),
  request(anyOf('SMEMBERS', 'SCARD'), key),
  request('SISMEMBER', key, field),
  request('SMOVE', key, key, field),
  request(anyOf('SUNION', 'SINTER', 'SDIFF'), several(key, 1, 3)),
  request(anyOf('SUNIONSTORE', 'SINTERSTORE', 'SDIFFSTORE'), key, several(key, 1, 3)),
  request('SINTERCARD', fc.constantFrom('1', '2', '0', 'x', '9'), several(key, 1, 2), options(pair('LIMIT', small), 'bad')),
  request('SPOP', key, fc.constantFrom('100', '0', '-1', 'x')),
  request('SRANDMEMBER', key, fc.constantFrom('0', 'x')),
  request('SSCAN', key, fc.constantFrom('0', 'x'), options(pair('MATCH', fc.constantFrom('*', 'a', '[ab]')), pair('COUNT', number)), 'COUNT', '10000'),
];

const lists = [
  request(anyOf('LPUSH', 'RPUSH', 'LPUSHX', 'RPUSHX'), key, several(field)),
  request(anyOf('LPOP', 'RPOP'), key, fc.array(number, { maxLength: 2 })),
  request('LLEN', key),
  request(anyOf('LRANGE', 'LTRIM'), key, small, small),
  request('LINDEX', key, number),
  request('LSET', key, small, value),
  request('LINSERT', key, anyOf('BEFORE', 'after', 'x'), field, value),
  request('LREM', key, small, field),
  request('LPOS', key, field, options(pair('RANK', number), pair('COUNT', number), pair('MAXLEN', small), 'bad')),
  request('RPOPLPUSH', key, key),
  request('LMOVE', key, key, anyOf('LEFT', 'RIGHT', 'x'), anyOf('LEFT', 'RIGHT')),
  request('LMPOP', fc.constantFrom('1', '2', '0', 'x', '9'), several(key, 1, 2), anyOf('LEFT', 'right', 'x'), options(pair('COUNT', number))),
  request(anyOf('BLPOP', 'BRPOP', 'BZPOPMIN', 'BZPOPMAX'), several(key, 1, 2), fc.constantFrom('0.001', 'x', '-1', 'inf', '1e300')),
  request('BLMOVE', key, key, anyOf('LEFT', 'RIGHT'), anyOf('LEFT', 'x'), fc.constantFrom('0.001', 'x')),
];

const sortedSets = [
  request('ZADD', key, options('NX', 'XX', 'GT', 'LT', 'CH', 'INCR'), pairs(float, field)),
  request('ZADD', key, pairs(fc.constantFrom('1', '2', '3', '1.5', '-1'), field)),
  request('ZINCRBY', key, float, field),
  request(anyOf('ZREM', 'ZMSCORE'), key, several(field)),
  request(anyOf('ZSCORE', 'ZRANK', 'ZREVRANK'), key, field),
  request('ZCARD', key),
  request(anyOf('ZPOPMIN', 'ZPOPMAX'), key, fc.array(number, { maxLength: 1 })),
  request(anyOf('ZCOUNT', 'ZREMRANGEBYSCORE'), key, fc.constantFrom(...BOUNDS), fc.constantFrom(...BOUNDS)),
  request('ZADD', LEX_KEY, '0', field, '0', field),
  request(anyOf('ZLEXCOUNT', 'ZREMRANGEBYLEX'), lexKey, fc.constantFrom(...LEX), fc.constantFrom(...LEX)),
  request('ZREMRANGEBYRANK', key, number, number),
  request(anyOf('ZRANGE', 'ZREVRANGE'), key, small, small, options('WITHSCORES', 'REV', 'BYSCORE', limit)),
  request('ZRANGE', key, fc.constantFrom(...BOUNDS), fc.constantFrom(...BOUNDS), 'BYSCORE', options('WITHSCORES', 'REV', limit, 'bad')),
  request('ZRANGE', lexKey, fc.constantFrom(...LEX), fc.constantFrom(...LEX), 'BYLEX', options('REV', limit, 'WITHSCORES')),
  request(anyOf('ZRANGEBYSCORE', 'ZREVRANGEBYSCORE'), key, fc.constantFrom(...BOUNDS), fc.constantFrom(...BOUNDS), options('WITHSCORES', limit, 'bad')),
  request(anyOf('ZRANGEBYLEX', 'ZREVRANGEBYLEX'), lexKey, fc.constantFrom(...LEX), fc.constantFrom(...LEX), options(limit, 'bad')),
  request('ZRANGESTORE', key, key, small, small, options('REV', 'BYSCORE', limit)),
  request('ZSCAN', key, fc.constantFrom('0', 'x'), 'COUNT', '10000'),
  request('ZMPOP', fc.constantFrom('1', '2', '0', 'x'), several(key, 1, 2), anyOf('MIN', 'max', 'x'), options(pair('COUNT', number))),
  request('ZRANDMEMBER', key, fc.constantFrom('0', 'x'), options('WITHSCORES')),
];

const transactions = [request(anyOf('MULTI', 'EXEC', 'EXEC', 'DISCARD', 'UNWATCH')), request('WATCH', several(key, 0, 2))];

const json = fc.oneof(
  fc.json().map((text) => Buffer.from(text, 'utf8').toString('latin1')),
  fc.constantFrom('', '[', '{', '{"a"', '{"a":}', '[1,]', '[1 2]', 'nul', 'NaN', '[-Infinity]', '0x1F', '"\\u12"', '"\\ud800"', '"\\x"', '"abc', '{1:2}', ' [ ] ', '[[[[1]]]]', '1e999', '-', '+1', '.5', '"\t"', 'tru', '{"a":1,"a":2}', '01', '1.', '[1]x', '"a\0b"'),
);

const scripts = [
  ...[
    'return ARGV',
    'return {KEYS, ARGV, #KEYS}',
    'return redis.error_reply(ARGV[1])',
    'return redis.status_reply(ARGV[1])',
    'return tonumber(ARGV[1])',
    'return {tonumber(ARGV[1]), false, true, {ok=ARGV[1]}, {err=ARGV[2]}, 3.99}',
    'return redis.sha1hex(ARGV[1])',
    'return tostring(tonumber(ARGV[1]))',
    'return (tonumber(ARGV[1]) or 0) + 0.5',
    'return ARGV[1] + 1',
    'return ARGV[1] .. nil',
    'return string.upper(ARGV[1]) .. #ARGV[1] .. ARGV[1]:rep(2):reverse()',
    "return string.format('%q %5.2f %d', ARGV[1], 3.14159, 42)",
    "local t = {} for word in string.gmatch(ARGV[1], '%w+') do t[#t+1] = word end return t",
    'error(ARGV[1])',
    'error({err=ARGV[1]})',
    'return undefined_name',
    'undefined_name = 1',
    'KEYS[1] = ARGV[1] return KEYS[1]',
    'local x = {} x.x.x = 1',
    'return redis.call(ARGV[1])',
    'return {pcall(redis.call, ARGV[1])}',
    'return {pcall(error, ARGV[1])}',
    'return type(redis.pcall(ARGV[1]).err)',
    "redis.call('SET', 'k1', tonumber(ARGV[1]) or 0) return redis.call('GET', 'k1')",
    "redis.call('SET', 'k2', ARGV[1]) redis.call('NOSUCH')",
    'return cjson.encode(ARGV)',
    'return cjson.encode({a = ARGV[1], b = {1, 2, cjson.null}})',
    'return bit.tohex(tonumber(ARGV[1]) or 0) .. bit.band(tonumber(ARGV[1]) or 0, 255) .. bit.bnot(tonumber(ARGV[1]) or 1)',
    'return table.concat(ARGV, ARGV[1])',
    'if then',
    'return loadstring("return 1 + 1")()',
    'return select("#", unpack(ARGV, 1, 2))',
    'local f = coroutine.wrap(function(x) local y = coroutine.yield(x) return y end) return {f(ARGV[1]), f(2)}',
  ].map((body) => request('EVAL', fc.constant(body), '1', key, value, value)),
  request('EVAL', fc.constant('return cjson.encode(cjson.decode(ARGV[1]))'), '0', json),
  request('EVAL', fc.constant('local ok, v = pcall(cjson.decode, ARGV[1]) return {ok, type(v), ok and 1 or v}'), '0', json),
  request('EVAL', fc.constant('return 1'), number, several(key, 0, 2)),
  request('EVAL_RO', fc.constant("return redis.call('SET', KEYS[1], 1)"), '1', key),
  request('EVALSHA', fc.constantFrom('e0e1f9fabfc9d4800c877a703b823ac0578ff8db', 'E0E1F9FABFC9D4800C877A703B823AC0578FF8DB', 'x', 'ffffffffffffffffffffffffffffffffffffffff'), number, several(key, 0, 2)),
  request('SCRIPT', anyOf('LOAD', 'EXISTS', 'FLUSH', 'KILL', 'nope'), fc.array(anyOf('return 1', 'x x', 'async', 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db'), { maxLength: 2 })),
];

const others = [request(anyOf('PING', 'ECHO'), fc.array(value, { maxLength: 2 })), request('PUBLISH', key, value), request('WAIT', '0', '0'), request('PUBSUB', anyOf('CHANNELS', 'NUMPAT', 'NUMSUB', 'x'))];

const sensible = fc.oneof(...[strings, keyspace, hashes, sets, lists, sortedSets, transactions, others].map((family) => fc.oneof(...family)));

/** The same request through redis.call and redis.pcall. */
const scripted = fc
  .tuple(fc.constantFrom('return redis.call(unpack(ARGV))', 'return redis.pcall(unpack(ARGV))'), fc.oneof(...[strings, keyspace, hashes, sets, lists, sortedSets].map((family) => fc.oneof(...family))))
  .map(([body, inner]) => ['EVAL', body, '0', ...inner]);

/** Names for arguments thrown together; none that waits, ends the connection or answers with what only one server knows. */
const THROWN_NAMES = [
  'get', 'set', 'setnx', 'setex', 'getset', 'getdel', 'getex', 'mget', 'mset', 'msetnx', 'append', 'strlen', 'getrange', 'setrange', 'incr', 'incrby', 'decrby', 'incrbyfloat',
  'del', 'exists', 'type', 'expire', 'expireat', 'ttl', 'persist', 'rename', 'renamenx', 'keys', 'touch', 'copy', 'move', 'dbsize',
  'hset', 'hsetnx', 'hget', 'hmget', 'hmset', 'hgetall', 'hdel', 'hexists', 'hlen', 'hkeys', 'hvals', 'hincrby', 'hincrbyfloat', 'hstrlen',
  'sadd', 'srem', 'smembers', 'scard', 'sismember', 'smismember', 'smove', 'sunion', 'sinter', 'sdiff', 'sunionstore', 'sinterstore', 'sdiffstore', 'sintercard',
  'lpush', 'rpush', 'lpushx', 'lpop', 'rpop', 'llen', 'lrange', 'lindex', 'lset', 'linsert', 'lrem', 'ltrim', 'lpos', 'rpoplpush', 'lmove', 'lmpop',
  'zadd', 'zincrby', 'zrem', 'zscore', 'zmscore', 'zcard', 'zrank', 'zpopmin', 'zpopmax', 'zcount', 'zrange', 'zrevrange', 'zrangebyscore', 'zrangebylex', 'zrangestore', 'zremrangebyrank', 'zremrangebyscore', 'zmpop',
  'multi', 'exec', 'discard', 'watch', 'unwatch', 'echo', 'ping', 'select', 'eval', 'evalsha', 'script', 'pubsub', 'flushdb', 'publish', 'auth',
  'client', 'config', 'nosuchcommand', '', 'no such', 'bad\r\nname', 'x'.repeat(200),
];
const token = fc.oneof(key, field, number, float, bytes, anyOf('NX', 'XX', 'GT', 'LT', 'CH', 'INCR', 'WITHSCORES', 'LIMIT', 'BYSCORE', 'BYLEX', 'REV', 'COUNT', 'MATCH', 'GET', 'EX', 'KEEPTTL', 'LEFT', 'RIGHT', 'BEFORE', 'MIN', 'REPLACE', 'x'.repeat(150)));
const thrown = fc.tuple(fc.constantFrom(...THROWN_NAMES), fc.array(token, { maxLength: 6 })).map(([name, rest]) => [name, ...rest]);

export const anyRequest = fc.oneof({ arbitrary: sensible, weight: 6 }, { arbitrary: thrown, weight: 3 }, { arbitrary: scripted, weight: 1 }, { arbitrary: fc.oneof(...scripts), weight: 2 });
