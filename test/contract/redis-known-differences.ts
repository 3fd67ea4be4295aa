import type { WireReply } from '../infra/embedded/redis/raw-client.ts';

type Request = readonly string[];

/** Something that a later Redis answers otherwise than 7.0, whose replies the embedded server gives. */
export interface KnownDifference {
  readonly what: string;
  /** Whether the request may be answered differently for this reason; left out of random sequences, since all that follows would differ as well. */
  readonly concerns: (request: Request) => boolean;
  /** Sent in one piece to an empty server; the replies to the last request. `undefined`: none comes. */
  readonly example: readonly Request[];
  readonly reference: WireReply | undefined;
  readonly embedded: WireReply | undefined;
}

export interface VersionDifferences {
  readonly known: readonly KnownDifference[];
  /** Replies that show a score are the same where they are the same number. */
  readonly scoresByValue: boolean;
  /** Declarations of COMMAND that differ, as `COMMAND` of the later version tells them. */
  readonly declarations: Readonly<Record<string, { readonly arity?: string; readonly kinds?: readonly string[] }>>;
}

export const noDifferences: VersionDifferences = { known: [], scoresByValue: false, declarations: {} };

const blockingOnes = ['blpop', 'brpop', 'blmove', 'brpoplpush', 'bzpopmin', 'bzpopmax'] as const;
const blocking = new Set<string>([...blockingOnes, 'blmpop', 'bzmpop', 'wait']);

const scoreRanges = new Set(['zcount', 'zrange', 'zrangestore', 'zrangebyscore', 'zrevrangebyscore', 'zremrangebyscore']);

const nameOf = (request: Request): string => (request[0] ?? '').toLowerCase();
const isScript = (request: Request): boolean => /^(?:eval|evalsha|fcall)(?:_ro)?$/.test(nameOf(request));
/** The command itself, or the one that a script is given to run. */
const named = (request: Request, names: ReadonlySet<string>): boolean => (isScript(request) ? request.slice(1).some((argument) => names.has(argument.toLowerCase())) : names.has(nameOf(request)));
const bulk = (text: string): WireReply => ({ kind: '$', text });
const failure = (text: string): WireReply => ({ kind: '-', text });

/** Redis 8.0 beside 7.0. */
export const redis8: VersionDifferences = {
  scoresByValue: true,
  known: [
    {
      what: 'scripts may run blocking commands, which do not wait there (7.0: refused)',
      concerns: (request) => isScript(request) && named(request, blocking),
      example: [['EVAL', 'return redis.call(unpack(ARGV))', '0', 'BLPOP', 'none', '0']],
      reference: { kind: 'null$' },
      embedded: failure('ERR This Redis command is not allowed from script script: SHA, on @user_script:1.'),
    },
    {
      what: 'a timeout that is too long is out of range (7.0: called negative)',
      concerns: (request) => named(request, blocking) && request.some((argument) => /inf/i.test(argument) || Math.abs(Number(argument)) > 1e12),
      example: [['BLPOP', 'none', '1e300']],
      reference: failure('ERR timeout is out of range'),
      embedded: failure('ERR timeout is negative'),
    },
    {
      what: 'ZRANK and ZREVRANK take WITHSCORE (7.0: an argument too many)',
      concerns: (request) => named(request, new Set(['zrank', 'zrevrank'])) && request.length > 3,
      example: [['ZADD', 'z', '1', 'a'], ['ZRANK', 'z', 'a', 'WITHSCORE']],
      reference: { kind: '*', items: [{ kind: ':', text: '0' }, bulk('1')] },
      embedded: failure("ERR wrong number of arguments for 'zrank' command"),
    },
    {
      what: 'an empty cursor is invalid (7.0: the first)',
      concerns: (request) => named(request, new Set(['scan', 'sscan', 'hscan', 'zscan'])) && request.includes(''),
      example: [['SCAN', '']],
      reference: failure('ERR invalid cursor'),
      embedded: { kind: '*', items: [bulk('0'), { kind: '*', items: [] }] },
    },
    {
      what: 'HSCAN takes NOVALUES (7.0: a syntax error)',
      concerns: (request) => named(request, new Set(['hscan'])) && request.some((argument) => argument.toUpperCase() === 'NOVALUES'),
      example: [['HSET', 'h', 'f', 'v'], ['HSCAN', 'h', '0', 'NOVALUES']],
      reference: { kind: '*', items: [bulk('0'), { kind: '*', items: [bulk('f')] }] },
      embedded: failure('ERR syntax error'),
    },
    {
      what: 'the smallest RANK of LPOS has an error of its own (7.0: may be given)',
      concerns: (request) => named(request, new Set(['lpos'])) && request.includes('-9223372036854775808'),
      example: [['LPOS', 'l', 'e', 'RANK', '-9223372036854775808']],
      reference: failure('ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807'),
      embedded: { kind: 'null$' },
    },
    {
      what: 'numbers that scripts pass to commands, and scores, are written as shortly as they can be (7.0: with 17 digits)',
      concerns: (request) => isScript(request) && request[1]?.includes('tonumber(ARGV[1]) or 0)') === true && request[1].includes("'SET'"),
      example: [['EVAL', "redis.call('SET', 'n', tonumber(ARGV[1]) or 0) return redis.call('GET', 'n')", '0', '0.1']],
      reference: bulk('0.1'),
      embedded: bulk('0.10000000000000001'),
    },
    {
      what: 'a refused AUTH has no reply where one to an earlier request is still to be sent (7.0: has its reply)',
      concerns: (request) => nameOf(request) === 'auth',
      example: [['GET', 'none'], ['AUTH', 'nobody', 'wrong']],
      reference: undefined,
      embedded: failure('WRONGPASS invalid username-password pair or user is disabled.'),
    },
    {
      what: 'a bound of scores may not begin with a space (7.0: may)',
      concerns: (request) => named(request, scoreRanges) && request.some((argument) => /^\(?\s/.test(argument)),
      example: [['ZCOUNT', 'z', ' 1', '+inf']],
      reference: failure('ERR min or max is not a float'),
      embedded: { kind: ':', text: '0' },
    },
  ],
  declarations: {
    ...Object.fromEntries(blockingOnes.map((name) => [name, { kinds: ['blocking', 'write'] }])),
    wait: { kinds: ['blocking'] },
    zrank: { arity: '-3' },
    zrevrank: { arity: '-3' },
    'command|getkeys': { arity: '-3' },
  },
};
