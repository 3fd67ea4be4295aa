import { REDIS_VERSION, type ServerState } from '../server-state.ts';
import { plainCommand, type CommandContext, type CommandSpec } from './command.ts';

type Section = (server: ServerState, nowMs: number) => Readonly<Record<string, string | number>>;

/** Sections of INFO in their order; each with the fields that clients and checks read. */
const SECTIONS: Readonly<Record<string, Section>> = {
  server: (server, nowMs) => ({
    redis_version: REDIS_VERSION,
    redis_mode: 'standalone',
    os: `${process.platform} ${process.arch}`,
    arch_bits: 64,
    process_id: process.pid,
    run_id: server.runId,
    tcp_port: server.port,
    server_time_usec: Math.trunc(nowMs * 1000),
    uptime_in_seconds: Math.floor((nowMs - server.startedAtMs) / 1000),
    uptime_in_days: Math.floor((nowMs - server.startedAtMs) / 86_400_000),
    hz: 10,
    server_name: 'netra-embedded',
  }),
  clients: (server) => ({
    connected_clients: server.sessions.size,
    maxclients: 10_000,
    blocked_clients: [...server.sessions.values()].filter((session) => session.blocked !== undefined).length,
  }),
  memory: () => {
    const { heapUsed, rss } = process.memoryUsage();
    return { used_memory: heapUsed, used_memory_rss: rss, maxmemory: 0, maxmemory_policy: 'noeviction' };
  },
  persistence: () => ({ loading: 0, rdb_bgsave_in_progress: 0, rdb_last_bgsave_status: 'ok', aof_enabled: 0, aof_rewrite_in_progress: 0 }),
  stats: (server) => ({
    total_connections_received: server.statistics.connections,
    total_commands_processed: server.statistics.commands,
    expired_keys: server.databases.reduce((sum, database) => sum + database.expiredCount, 0),
    evicted_keys: 0,
    pubsub_channels: server.pubsub.channels(undefined).length,
    pubsub_patterns: server.pubsub.patternCount,
  }),
  replication: () => ({ role: 'master', connected_slaves: 0, master_repl_offset: 0 }),
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return { used_cpu_sys: system / 1e6, used_cpu_user: user / 1e6 };
  },
  cluster: () => ({ cluster_enabled: 0 }),
  keyspace: (server) =>
    Object.fromEntries(
      server.databases
        .filter((database) => database.size > 0)
        .map((database) => [`db${database.index}`, `keys=${database.size},expires=${database.expiringSize},avg_ttl=0`]),
    ),
};
const EVERYTHING = new Set(['all', 'everything', 'default']);

function info({ server, nowMs }: CommandContext, wanted: readonly string[]): string {
  const names = new Set(wanted.map((name) => name.toLowerCase()));
  const all = names.size === 0 || [...names].some((name) => EVERYTHING.has(name));
  return Object.entries(SECTIONS)
    .filter(([name]) => all || names.has(name))
    .map(([name, fields]) => {
      const lines = Object.entries(fields(server, nowMs)).map(([field, value]) => `${field}:${value}\r\n`);
      return `# ${name === 'cpu' ? 'CPU' : name[0]?.toUpperCase() + name.slice(1)}\r\n${lines.join('')}`;
    })
    .join('\r\n');
}

export const infoCommands: readonly CommandSpec[] = [plainCommand('info', -1, [], info)];
