import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { Toxiproxy } from 'toxiproxy-node-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChaosReport } from '../../src/reporters/chaos-report.ts';
import { RunningCli, runCli } from '../helpers/cli.ts';
import { realServersAbsent, secrets, startExternalServices, type ExternalServices } from '../helpers/external-services.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const absent = await realServersAbsent();

describe.skipIf(absent)('--infra external, on servers of others', () => {
  let services: ExternalServices;
  let flags: readonly string[];
  let environment: Readonly<Record<string, string>>;

  beforeAll(async () => {
    services = await startExternalServices();
    flags = ['--infra', 'external', '--redis', `rediss://localhost:${services.redisPort}`, '--kafka', services.kafka, '--postgres', `postgres://fleet@localhost:${services.postgresPort}/postgres?sslmode=require`, '--toxiproxy', services.toxiproxyUrl];
    environment = { NETRA_REDIS_PASSWORD: secrets.redis, NETRA_POSTGRES_PASSWORD: secrets.postgres, NETRA_TLS_CA_FILE: services.caFile };
    await redis((client) => client.set('report_checkpoint:{somebody:else}:summary', 'theirs'));
    await new Toxiproxy(services.toxiproxyUrl).createProxy({ name: 'redis', listen: '127.0.0.1:0', upstream: '127.0.0.1:1', enabled: false });
  });
  afterAll(() => services?.[Symbol.asyncDispose]());

  async function redis<T>(work: (client: Redis) => Promise<T>): Promise<T> {
    const client = new Redis(services.redisPort, 'localhost', { password: secrets.redis, tls: { ca: await readFile(services.caFile) }, retryStrategy: () => null });
    try {
      return await work(client);
    } finally {
      client.disconnect();
    }
  }

  /** Everything in the services that is not there from the beginning. */
  async function strange(): Promise<unknown> {
    const keys = await redis((client) => client.keys('*'));
    const admin = new Kafka({ brokers: [services.kafka], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const [topics, { groups }] = await Promise.all([admin.listTopics(), admin.listGroups()]);
    await admin.disconnect();
    const client = new Client({ host: 'localhost', port: services.postgresPort, user: 'fleet', password: secrets.postgres, database: 'postgres', ssl: { ca: await readFile(services.caFile, 'utf8') } });
    await client.connect();
    const { rows } = await client.query<{ name: string }>("SELECT nspname AS name FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' UNION SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    await client.end();
    const proxies = (await (await fetch(`${services.toxiproxyUrl}/proxies`)).json()) as Record<string, { name: string; enabled: boolean; upstream: string; toxics: unknown[] }>;
    return { keys, topics, groups, schemas: rows.map(({ name }) => name), proxies: Object.values(proxies).map(({ name, enabled, upstream, toxics }) => ({ name, enabled, upstream, toxics })) };
  }

  const untouched = { keys: ['report_checkpoint:{somebody:else}:summary'], topics: [], groups: [], schemas: ['public'], proxies: [{ name: 'redis', enabled: false, upstream: '127.0.0.1:1', toxics: [] }] };

  /** Files below `folder` and lines of `texts` that hold a planted secret. */
  async function leaks(folder: string, texts: readonly string[]): Promise<string[]> {
    const forms = Object.values(secrets).flatMap((secret) => [secret, encodeURIComponent(secret)]);
    const holds = (text: string): boolean => forms.some((secret) => text.includes(secret));
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const found = await Promise.all(files.map(async (file) => (holds(await readFile(file, 'latin1')) ? [file] : [])));
    return [...found.flat(), ...texts.filter(holds)];
  }

  /** Command lines of every process on this machine, which everybody may read. */
  async function commandLines(): Promise<string[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))); // One that has ended has none.
  }

  it('P01 run: reports are made by TLS and passwords, through proxies in a Toxiproxy that others use; no secret is told, and nothing is left', async () => {
    await using folder = await tempFolder({});
    await using cli = new RunningCli(['run', '--jobs', '2', '--reporting-hosts', '1', '--json', ...flags], { cwd: folder.path, environment: { ...environment, NETRA_LOG_LEVEL: 'debug' } });
    await cli.printed(/reporting-1 +ready/);
    const [during, proxies] = await Promise.all([commandLines(), new Toxiproxy(services.toxiproxyUrl).getAll()]);
    const { exitCode, stdout, stderr } = await cli.finished;
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { verdict: 'pass', provider: 'external' }]);
    const { run_id: runId } = JSON.parse(stdout) as { run_id: string };
    expect(Object.keys(proxies).toSorted()).toEqual([...['kafka', 'postgres', 'redis'].map((service) => `netra-${runId}-${service}`), 'redis']);
    expect(await strange()).toEqual(untouched);
    expect(await leaks(folder.path, [stdout, stderr, ...during])).toEqual([]);
    // The search would find one: hosts were told, by their environment.
    expect(await leaks(folder.path, [`NETRA_REDIS_URL=rediss://:${secrets.redis}@127.0.0.1`])).toHaveLength(1);
  });

  it('P01 chaos: what the scenario breaks is broken for the fleet alone, and judged, with a model of one’s own; data faults touch nobody else’s keys; what a killed run has left is removed', async () => {
    await using folder = await tempFolder({
      'scenarios/flushed.yaml': 'name: flushed\ndescription: Only what is ours is forgotten.\nworkload: { jobs: 1 }\nfleet: { reporting_hosts: 1 }\nfaults:\n  - { type: redis-flushed, target: redis, after: { event: checkpoint.saved, count: 2 } }\n  - { type: duplicate-delivery, target: kafka, after: { event: checkpoint.saved, count: 1 } }\n',
    });
    const killed = new RunningCli(['run', '--jobs', '1', '--reporting-hosts', '1', ...flags], { cwd: folder.path, environment });
    await killed.printed(/business-1 +ready/);
    await killed[Symbol.asyncDispose]();
    expect(await strange()).not.toEqual(untouched);

    const { exitCode, stdout, stderr } = await runCli(['chaos', 'redis-drop', 'flushed', '--parallel', '2', '--json', '--llm-url', services.llmUrl, '--llm-model', 'theirs', ...flags], { cwd: folder.path, environment: { ...environment, NETRA_LLM_API_KEY: secrets.llm } });
    const report = JSON.parse(stdout) as ChaosReport;
    expect([exitCode, report.scenarios.map(({ name, verdict, provider }) => [name, verdict, provider])]).toEqual([0, [['redis-drop', 'pass', 'external'], ['flushed', 'pass', 'external']]]);
    expect(stderr.match(/What run \S+ left behind when it was killed has been removed\./g)).toHaveLength(1);
    expect(await strange()).toEqual(untouched);
    expect(await leaks(folder.path, [stdout, stderr])).toEqual([]);
    expect(await readFile(services.llmLogPath, 'utf8')).toContain('"type":"request"');
  });

  it('P01 services that cannot be used are told all at once, with 69, and no password with them', async () => {
    await using folder = await tempFolder({});
    const wrong = { ...environment, NETRA_REDIS_PASSWORD: 'wr0ng-pa55', NETRA_TLS_CA_FILE: '' };
    const { exitCode, stdout, stderr } = await runCli(['run', '--infra', 'external', '--redis', `rediss://localhost:${services.redisPort}`, '--kafka', '127.0.0.1:1', '--postgres', `postgres://fleet@localhost:${services.postgresPort}/postgres`, '--toxiproxy', 'http://127.0.0.1:1'], { cwd: folder.path, environment: wrong });
    expect([exitCode, stdout]).toEqual([69, '']);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.map((line) => /^(\w+) at \S+ cannot be used: .+ \(INFRA_UNAVAILABLE\)$/.exec(line)?.[1])).toEqual(['Kafka', 'PostgreSQL', 'Redis', 'Toxiproxy']);
    expect(stderr).toMatch(/self-signed certificate|unable to verify/);
    expect(stderr).not.toContain('wr0ng-pa55');
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe('chaos on hosts of others', () => {
  it('P01 is refused before anything is started, with 64 and all hosts at once, unless they are allowed', async () => {
    await using folder = await tempFolder({});
    const targets = ['--infra', 'external', '--redis', 'redis://192.0.2.1:6379', '--kafka', '192.0.2.2:9092,127.0.0.1:9092', '--postgres', 'postgres://x@localhost:5432/x'];
    const [refused, dryRun, allowed] = await Promise.all([
      runCli(['chaos', 'redis-drop', ...targets], { cwd: folder.path }),
      runCli(['chaos', 'redis-drop', '--dry-run', '--allow-hosts', '192.0.2.1', ...targets], { cwd: folder.path }),
      runCli(['chaos', 'redis-drop', '--dry-run', '--allow-hosts', '192.0.2.1', ...targets], { cwd: folder.path, environment: { NETRA_ALLOW_HOSTS: '192.0.2.2', NETRA_POSTGRES_PASSWORD: secrets.postgres } }),
    ]);
    expect(refused).toEqual({ exitCode: 64, stdout: '', stderr: '--infra external: chaos would break 192.0.2.1, 192.0.2.2, which are not on this machine; if they may be broken, list them in --allow-hosts, NETRA_ALLOW_HOSTS or allow_hosts of the scenario\n' });
    expect(dryRun).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('would break 192.0.2.2, which is not on this machine') as string });
    expect(allowed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('infrastructure external: redis 192.0.2.1:6379, kafka 192.0.2.2:9092 127.0.0.1:9092, postgres localhost:5432, toxiproxy of the run') as string });
    expect(allowed.stdout).not.toContain(secrets.postgres);
    expect(await readdir(folder.path)).toEqual([]);
  });
});
