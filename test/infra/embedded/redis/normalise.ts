import type { WireReply } from './raw-client.ts';

/** Replies that are sets: the order is the server's own affair. */
const UNORDERED = new Set(['smembers', 'sunion', 'sinter', 'sdiff', 'keys', 'hkeys', 'hvals', 'hgetall', 'spop']);
const SCANS = new Set(['scan', 'sscan', 'hscan', 'zscan']);
/** Replies that follow the clock, with what two servers may differ by. */
const CLOCKED: Readonly<Record<string, number>> = { ttl: 1, pttl: 2000, expiretime: 1, pexpiretime: 2000 };

export interface Difference {
  readonly request: readonly string[];
  readonly reference: WireReply | undefined;
  readonly embedded: WireReply | undefined;
}

/** The differences between two servers' replies to the same requests, transactions looked into. */
export function differences(requests: readonly (readonly string[])[], reference: readonly WireReply[], embedded: readonly WireReply[]): Difference[] {
  const found: Difference[] = [];
  let queue: (readonly string[])[] = [];
  for (const [index, request] of requests.entries()) {
    const left = reference[index] as WireReply;
    const right = embedded[index] as WireReply;
    const name = nameOf(request);
    if (name === 'exec' && left.kind === '*' && right.kind === '*') {
      found.push(...queue.flatMap((queued, at) => compare(queued, left.items[at], right.items[at])));
      if (left.items.length !== right.items.length) found.push({ request, reference: left, embedded: right });
    } else {
      found.push(...compare(request, left, right));
    }
    if (name === 'exec' || name === 'discard') queue = [];
    if (left.kind === '+' && left.text === 'QUEUED') queue.push(request);
  }
  return found;
}

function nameOf(request: readonly string[]): string {
  return (request[0] ?? '').toLowerCase();
}

function compare(request: readonly string[], left: WireReply | undefined, right: WireReply | undefined): Difference[] {
  if (left !== undefined && right !== undefined && equal(request, left, right)) return [];
  return [{ request, reference: left, embedded: right }];
}

function equal(request: readonly string[], left: WireReply, right: WireReply): boolean {
  const name = innerName(request);
  const tolerance = CLOCKED[name];
  if (tolerance !== undefined && left.kind === ':' && right.kind === ':' && Number(left.text) > 0) {
    // What a double cannot hold exactly is off by its own precision too.
    return Math.abs(Number(left.text) - Number(right.text)) <= tolerance + Math.abs(Number(left.text)) * 1e-15;
  }
  return JSON.stringify(canonical(name, left)) === JSON.stringify(canonical(name, right));
}

/** The command that decides about the order: the one that a script of ours runs, given as its first ARGV. */
function innerName(request: readonly string[]): string {
  const name = nameOf(request);
  return name === 'eval' && request[1]?.includes('unpack(ARGV)') === true ? (request[3 + Number(request[2])] ?? '').toLowerCase() : name;
}

function canonical(name: string, reply: WireReply): WireReply {
  if (SCANS.has(name) && reply.kind === '*' && reply.items.length === 2) return { kind: '*', items: [reply.items[0] as WireReply, sorted(reply.items[1] as WireReply)] };
  return UNORDERED.has(name) ? sorted(reply) : reply;
}

function sorted(reply: WireReply): WireReply {
  if (reply.kind !== '*') return reply;
  return { kind: '*', items: reply.items.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1)) };
}
