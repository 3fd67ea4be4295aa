/**
 * Mechanisms of the fleet that can be switched off one by one (D11): all true normally. Same code path, same
 * classes; each has a reader of its own.
 */
export interface ResilienceSwitches {
  /** Finished sections are kept in Redis, and an attempt goes on from those of the one before. */
  readonly checkpoints: boolean;
  /** C08: a writer whose fencing token is no longer the highest is refused. Off = the last write counts. */
  readonly fencing: boolean;
  /** A job that is delivered again is looked up before it is worked on. Off = every delivery is worked on. */
  readonly deduplication: boolean;
  /** A message that nobody can read is put aside. Off = it is delivered again until somebody can. */
  readonly deadLetters: boolean;
  /** Failed calls are made again, sections asked for again, jobs dispatched again. */
  readonly retry: boolean;
  /** Circuit breakers in front of dependencies and agents. */
  readonly breaker: boolean;
  /** Time limits of calls: of an attempt, of all attempts together, the deadline that a call is given, and the Redis client's own. */
  readonly timeout: boolean;
  /** Substitutes for what cannot be had: SQLite, cached answers, templates, lesser reports, the data helper. */
  readonly fallback: boolean;
  /** Agents are asked over HTTP while Kafka is gone (level 2). */
  readonly directCalls: boolean;
}

/** What the environment calls them, in the order in which they are listed. */
const memberOf = {
  'checkpoints': 'checkpoints',
  'fencing': 'fencing',
  'deduplication': 'deduplication',
  'dead-letters': 'deadLetters',
  'retry': 'retry',
  'breaker': 'breaker',
  'timeout': 'timeout',
  'fallback': 'fallback',
  'direct-calls': 'directCalls',
} as const satisfies Readonly<Record<string, keyof ResilienceSwitches>>;

type MechanismName = keyof typeof memberOf;
export const mechanismNames = Object.keys(memberOf) as readonly MechanismName[];

/** N07 bounds every call, with resilience or without: a fleet that waits for ever shows nothing. Off only where it is asked for by name. */
const onUnlessNamed: readonly MechanismName[] = ['timeout'];

export const allSwitchedOn = Object.freeze(switchesWith(() => true));

/**
 * `on`, `off` (all but `timeout`), those that stay on (`retry,breaker`; `timeout` does in any case), or
 * those that are switched off (`-fencing,-breaker`). Undefined for anything else.
 */
export function parseResilience(text: string): ResilienceSwitches | undefined {
  if (text === 'on') return allSwitchedOn;
  if (text === 'off') return switchesWith((name) => onUnlessNamed.includes(name));
  const names = text.split(',');
  const without = names.every((name) => name.startsWith('-'));
  const named = new Set<string>(without ? names.map((name) => name.slice(1)) : names);
  const known: readonly string[] = mechanismNames;
  if (![...named].every((name) => known.includes(name))) return undefined;
  return switchesWith((name) => (without ? !named.has(name) : named.has(name) || onUnlessNamed.includes(name)));
}

function switchesWith(isOn: (name: MechanismName) => boolean): ResilienceSwitches {
  return Object.fromEntries(mechanismNames.map((name) => [memberOf[name], isOn(name)])) as unknown as ResilienceSwitches;
}
