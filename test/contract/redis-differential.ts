import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedisServer, type RunningRedis } from '../../src/infra/embedded/redis/server.ts';
import { differences, type Difference } from '../infra/embedded/redis/normalise.ts';
import { anyRequest } from '../infra/embedded/redis/random-commands.ts';
import { noDifferences, type VersionDifferences } from './redis-known-differences.ts';
import { encodeRequest, RawClient, readReplies, type WireReply } from '../infra/embedded/redis/raw-client.ts';

/** Another seed or more runs: NETRA_REDIS_DIFFERENTIAL_SEED=7 NETRA_REDIS_DIFFERENTIAL_RUNS=5000 */
const SEED = Number(process.env['NETRA_REDIS_DIFFERENTIAL_SEED'] ?? 20_261_120);
const RUNS = Number(process.env['NETRA_REDIS_DIFFERENTIAL_RUNS'] ?? 250);

/** A real Redis on this machine's loopback address. */
export interface ReferenceServer extends AsyncDisposable {
  readonly port: number;
}

/** The embedded server and a real one get the same requests and have to give the same replies. Every title begins with P01. */
export function redisDifferential(referenceName: string, startReference: () => Promise<ReferenceServer>, { skip = false, version = noDifferences }: { readonly skip?: boolean; readonly version?: VersionDifferences } = {}): void {
  describe.skipIf(skip)(`embedded Redis against ${referenceName}`, () => {
    let reference: ReferenceServer;
    let embedded: RunningRedis;

    beforeAll(async () => {
      reference = await startReference();
      embedded = await startRedisServer();
    });
    afterAll(async () => {
      await embedded?.close();
      await reference?.[Symbol.asyncDispose]();
    });

    async function differing(requests: readonly (readonly string[])[]): Promise<Difference[]> {
      await using left = await RawClient.connect(reference.port);
      await using right = await RawClient.connect(embedded.port);
      const clean = [['FLUSHALL'], ['SCRIPT', 'FLUSH']];
      const [expected, actual] = await Promise.all([left.ask([...clean, ...requests]), right.ask([...clean, ...requests])]);
      const found = differences(requests, expected.slice(clean.length), actual.slice(clean.length));
      return version.scoresByValue ? found.filter(({ request, ...replies }) => !(showsScores(request) && sameByValue(replies.reference, replies.embedded))) : found;
    }

    const comparable = anyRequest.filter((request) => !version.known.some(({ concerns }) => concerns(request)));

    test('P01 random sequences of commands get the same replies and the same errors', { timeout: 3_600_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(comparable, { minLength: 20, maxLength: 60, size: 'max' }), async (requests) => {
          expect(await differing(requests)).toEqual([]);
        }),
        { seed: SEED, numRuns: RUNS },
      );
    });

    test('P01 fractions are counted and printed alike: INCRBYFLOAT, HINCRBYFLOAT, ZADD, ZINCRBY, numbers in scripts', { timeout: 3_600_000 }, async () => {
      const decimal = fc.tuple(fc.integer({ min: -999_999_999, max: 999_999_999 }), fc.integer({ min: 0, max: 12 })).map(([digits, places]) => String(digits / 10 ** places));
      const tie = fc.tuple(fc.integer({ min: 1, max: 2 ** 45 }), fc.integer({ min: 1, max: 12 })).map(([whole, halvings]) => String(whole + 0.5 ** halvings));
      const exponent = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }).map(String);
      const fraction = fc.oneof(decimal, tie, exponent, fc.integer().map(String), fc.constantFrom('0.1', '0.2', '0.7', '1e-5', '0.0001', '1e17', '123456789012345678'));
      await fc.assert(
        fc.asyncProperty(fc.array(fraction, { minLength: 3, maxLength: 12 }), async (fractions) => {
          const requests = fractions.flatMap((text, index) => [
            ['INCRBYFLOAT', 'sum', text],
            ['HINCRBYFLOAT', 'hash', 'sum', text],
            ['ZADD', 'scores', text, `member${index}`],
            ['ZINCRBY', 'scores', text, 'sum'],
            ['ZRANGE', 'scores', '0', '-1', 'WITHSCORES'],
            ['EVAL', 'local n = tonumber(ARGV[1]) return {tostring(n), n * 3 .. "", cjson.encode(n), redis.call("SET", "n", n), redis.call("GET", "n"), n}', '0', text],
          ]);
          expect(await differing(requests)).toEqual([]);
        }),
        { seed: SEED, numRuns: Math.ceil(RUNS / 4) },
      );
    });

    test('P01 malformed and unusual requests get the same bytes back, in whatever pieces they arrive', async () => {
      const usable = [
        'PING\r\n', 'ping\n', '\r\nPING\r\n', '  ECHO   "a b"  \r\n', "ECHO 'it\\'s'\r\n", 'ECHO "\\x41\\n\\q"\r\n', 'ECHO \xff\xfe\r\n', 'SET a\r\n',
        '*1\r\n$4\r\nPING\r\n', '*0\r\n*-1\r\nPING\r\n', '*1\r\n$4\r\nPINGxxPING\r\n', '*2\r\n$4\r\nECHO\r\n$0\r\n\r\n',
        encodeRequest(['ECHO', '\r\n$3\r\nfoo\r\n']), encodeRequest(['']), encodeRequest(['no\r\nsuch', 'a\r\nb', 'c'.repeat(300)]), encodeRequest(['ECHO', 'x'.repeat(200_000)]),
      ];
      const fatal = [
        'ECHO "abc\r\n', 'ECHO "a"b\r\n', "ECHO 'abc\r\n", '*1\r\nPING\r\n', '*x\r\n', '*1\r\n$x\r\n', '*1\r\n$-1\r\n', '*1\r\n$536870913\r\n', '*2147483648\r\n', '*1\r\n!4\r\n',
        'POST / HTTP/1.1\r\n', 'host: evil\r\n', encodeRequest(['QUIT']), 'QUIT now\r\n', encodeRequest(['MULTI']) + encodeRequest(['QUIT']),
      ];
      for (const [inputs, isFatal] of [[usable, false], [fatal, true]] as const) {
        for (const input of inputs) {
          for (const piece of [input.length, 1 + (input.length >> 6)]) {
            const [expected, actual] = await Promise.all([answerTo(reference.port, input, piece, isFatal), answerTo(embedded.port, input, piece, isFatal)]);
            expect({ input: input.slice(0, 60), piece, answer: actual }).toEqual({ input: input.slice(0, 60), piece, answer: expected });
          }
        }
      }
    });

    test('P01 a key is gone when its time is over, and not before, for every way to set a time', async () => {
      const requests = [
        ['SET', 'a', '1', 'PX', '60'], ['PSETEX', 'b', '60', '1'], ['HSET', 'c', 'f', 'v'], ['PEXPIRE', 'c', '60'], ['SET', 'd', '1'], ['GETEX', 'd', 'PX', '60'],
        ['SET', 'e', '1', 'PX', '60'], ['PERSIST', 'e'], ['SET', 'f', '1', 'PX', '60'], ['SET', 'f', '2', 'KEEPTTL'], ['SET', 'g', '1', 'PX', '60'], ['SET', 'g', '2'], ['SET', 'h', '1', 'PX', '60'], ['APPEND', 'h', '2'],
        ['SET', 'i', '1', 'PX', '60'], ['RENAME', 'i', 'j'], ['COPY', 'j', 'k'], ['WATCH', 'a'], ['MGET', 'a', 'b', 'd', 'e', 'f', 'g', 'h', 'j', 'k'],
      ];
      const look = [['MULTI'], ['GET', 'e'], ['EXEC'], ['MGET', 'a', 'b', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'], ['EXISTS', 'c'], ['TTL', 'a'], ['KEYS', '*'], ['TYPE', 'c'], ['PERSIST', 'a'], ['INCR', 'b']];
      await using left = await RawClient.connect(reference.port);
      await using right = await RawClient.connect(embedded.port);
      await Promise.all([left.ask([['FLUSHALL']]), right.ask([['FLUSHALL']])]);
      const [before, ourBefore] = await Promise.all([left.ask(requests), right.ask(requests)]);
      expect(differences(requests, before, ourBefore)).toEqual([]);
      await Promise.all([untilExpired(left), untilExpired(right)]);
      const [after, ourAfter] = await Promise.all([left.ask(look), right.ask(look)]);
      expect(differences(look, after, ourAfter)).toEqual([]);
    });

    test('P01 every command declares the arity, the key positions and the kind that redis-server does', async () => {
      await using left = await RawClient.connect(reference.port);
      await using right = await RawClient.connect(embedded.port);
      const [[expected], [actual]] = await Promise.all([left.ask([['COMMAND']]), right.ask([['COMMAND']])]);
      const theirs = declarations(expected as WireReply);
      const ours = declarations(actual as WireReply);
      if (!theirs.has('client|setinfo')) ours.delete('client|setinfo'); // 7.2's, which clients send to any server
      for (const [command, other] of Object.entries(version.declarations)) {
        const own = ours.get(command) as Declaration;
        expect({ command, declaration: { ...own, ...other } }).not.toEqual({ command, declaration: own });
        ours.set(command, { ...own, ...other });
      }
      expect(ours.size).toBeGreaterThan(150);
      expect(Object.fromEntries(ours)).toEqual(Object.fromEntries([...theirs].filter(([name]) => ours.has(name))));
    });

    test.each(version.known.map((difference) => [difference.what, difference] as const))('P01 known to differ: %s', async (_, { example, concerns, reference: theirs, embedded: ours }) => {
      expect(example.some(concerns)).toBe(true);
      const last = async (port: number): Promise<WireReply | undefined> => {
        await using cleaner = await RawClient.connect(port);
        await cleaner.ask([['FLUSHALL']]);
        await using client = await RawClient.connect(port);
        client.socket.end(example.map(encodeRequest).join(''), 'latin1');
        return repliesIn(await client.untilClosed())[example.length - 1];
      };
      expect({ reference: await last(reference.port), embedded: await last(embedded.port) }).toEqual({ reference: theirs, embedded: ours });
    });
  });
}

/** Replies in which scores are shown, by the command or by a script. */
function showsScores(request: readonly string[]): boolean {
  return /^(?:b?z|eval|exec)/i.test(request[0] ?? '');
}

/** The same, but for how numbers are spelled. */
function sameByValue(left: WireReply | undefined, right: WireReply | undefined): boolean {
  if (left?.kind === '*' && right?.kind === '*') return left.items.length === right.items.length && left.items.every((item, index) => sameByValue(item, right.items[index]));
  if (left?.kind === '$' && right?.kind === '$' && left.text !== '' && Number(left.text) === Number(right.text)) return true;
  return JSON.stringify(left) === JSON.stringify(right);
}

/** The same script has another SHA-1 for each of its texts. */
function repliesIn(received: string): WireReply[] {
  return readReplies(received.replaceAll(/\b[0-9a-f]{40}\b/g, 'SHA'));
}

/**
 * What comes back for raw bytes sent in pieces, up to the end of the connection: the server's own
 * where the input is fatal, else ours after a PING that shows the connection to be still usable.
 */
async function answerTo(port: number, input: string, piece: number, isFatal: boolean): Promise<string> {
  await using client = await RawClient.connect(port);
  for (let at = 0; at < input.length; at += piece) {
    client.write(input.slice(at, at + piece));
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (!isFatal) client.socket.end('\r\nPING\r\n', 'latin1');
  // Awaited here: the client is disposed of when this function is left.
  return await client.untilClosed();
}

async function untilExpired(client: RawClient): Promise<void> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const [reply] = await client.ask([['EXISTS', 'a', 'b', 'c', 'd', 'f', 'h', 'j', 'k']]);
    if (reply?.kind === ':' && reply.text === '0') return;
    if (Date.now() > deadline) throw new Error(`keys are still there: ${JSON.stringify(reply)}`);
  }
}

/** Flags that describe what a command may do; the others concern clusters, replicas and cost. */
const KINDS = new Set(['write', 'readonly', 'noscript', 'blocking', 'pubsub', 'admin', 'movablekeys']);

interface Declaration {
  readonly arity: string;
  readonly keys: readonly string[];
  readonly kinds: readonly string[];
}

function declarations(reply: WireReply): Map<string, Declaration> {
  const found = new Map<string, Declaration>();
  for (const command of itemsOf(reply)) {
    const items = itemsOf(command);
    const [name, arity] = items.slice(0, 2).map(textOf);
    const kinds = itemsOf(items[2]).map(textOf).filter((flag) => KINDS.has(flag)).toSorted();
    found.set(name as string, { arity: arity as string, keys: items.slice(3, 6).map(textOf), kinds });
    for (const [subname, declaration] of declarations(items[9] ?? { kind: '*', items: [] })) found.set(subname, declaration);
  }
  return found;
}

function itemsOf(reply: WireReply | undefined): WireReply[] {
  return reply?.kind === '*' ? reply.items : [];
}

function textOf(reply: WireReply): string {
  return 'text' in reply ? reply.text : '';
}
