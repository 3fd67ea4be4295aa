/**
 * CONFIG's table. `fixed` entries say how this server is (as the distribution's, started with
 * `--save '' --appendonly no`) and take no other value: a setting that is accepted and then not
 * carried out would be a lie. `any` entries are carried out, or concern only encodings and limits
 * that have no meaning here and no effect on an answer.
 */
type Entry = { value: string; readonly accepts: 'any' | 'milliseconds' | 'fixed' };

const INITIAL: Readonly<Record<string, readonly [value: string, accepts: Entry['accepts']]>> = {
  'maxmemory': ['0', 'fixed'],
  'maxmemory-policy': ['noeviction', 'fixed'],
  'maxmemory-samples': ['5', 'any'],
  'appendonly': ['no', 'fixed'],
  'appendfsync': ['everysec', 'any'],
  'save': ['', 'fixed'],
  'databases': ['16', 'fixed'],
  'timeout': ['0', 'fixed'],
  'tcp-keepalive': ['300', 'any'],
  'maxclients': ['10000', 'any'],
  'proto-max-bulk-len': ['536870912', 'fixed'],
  'client-query-buffer-limit': ['1073741824', 'any'],
  'client-output-buffer-limit': ['normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60', 'fixed'],
  'busy-reply-threshold': ['5000', 'milliseconds'],
  'lua-time-limit': ['5000', 'milliseconds'],
  'notify-keyspace-events': ['', 'fixed'],
  'requirepass': ['', 'fixed'],
  'cluster-enabled': ['no', 'fixed'],
  'protected-mode': ['yes', 'fixed'],
  'slowlog-log-slower-than': ['10000', 'any'],
  'slowlog-max-len': ['128', 'any'],
  'hz': ['10', 'any'],
  'dir': ['', 'fixed'],
  'dbfilename': ['dump.rdb', 'any'],
  'loglevel': ['notice', 'any'],
  'replica-read-only': ['yes', 'any'],
  'min-replicas-to-write': ['0', 'fixed'],
  'stop-writes-on-bgsave-error': ['yes', 'any'],
  'lazyfree-lazy-user-del': ['no', 'any'],
  'lazyfree-lazy-user-flush': ['no', 'any'],
  'hash-max-listpack-entries': ['512', 'any'],
  'hash-max-listpack-value': ['64', 'any'],
  'list-max-listpack-size': ['-2', 'any'],
  'set-max-intset-entries': ['512', 'any'],
  'zset-max-listpack-entries': ['128', 'any'],
  'zset-max-listpack-value': ['64', 'any'],
};

/** `lua-time-limit` is the older name of the same setting. */
const TIME_LIMIT_NAMES = ['busy-reply-threshold', 'lua-time-limit'];

export class Configuration {
  readonly #entries = new Map<string, Entry>(Object.entries(INITIAL).map(([name, [value, accepts]]) => [name, { value, accepts }]));

  names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  get(name: string): string | undefined {
    return this.#entries.get(name)?.value;
  }

  /** How long a script may run, in milliseconds; 0 lets it run for ever. */
  get scriptTimeLimitMs(): number {
    return Number(this.get('busy-reply-threshold'));
  }

  /** Sets one entry; the reason where it cannot be. */
  set(name: string, value: string): string | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return 'unknown';
    if (entry.accepts === 'fixed' && value !== entry.value) return `the embedded server cannot do with another value than '${entry.value}'`;
    if (entry.accepts === 'milliseconds') {
      if (!/^\d{1,15}$/.test(value)) return 'argument couldn\'t be parsed into an integer';
      for (const alias of TIME_LIMIT_NAMES) (this.#entries.get(alias) as Entry).value = String(Number(value));
      return undefined;
    }
    entry.value = value;
    return undefined;
  }
}
