import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { AssignerProtocol, Kafka, logLevel, type Admin } from 'kafkajs';
import pg from 'pg';
import { expect } from 'vitest';
import type { InfraProvider } from '../../src/infra/provider.ts';
import { bin } from '../helpers/cli.ts';
import { Lab } from '../helpers/lab.ts';
import { until } from '../helpers/until.ts';

const partitions = 12;
const names = Array.from({ length: 6 }, (_, index) => `joined-${index + 1}`);
const leaver = 'joined-3';
const patienceMs = 60_000;

/** One more host for the lab's fleet, started as anybody would on any machine: by the command, knowing endpoints and token only. */
class JoinedHost implements AsyncDisposable {
  readonly exited: Promise<number | null>;
  readonly #process: ChildProcess;
  stdout = '';
  stderr = '';

  constructor(lab: Lab, name: string) {
    const environment = { PATH: process.env.PATH, HOME: process.env.HOME, ...lab.infra.hostEnvironment, NETRA_TOKEN: lab.token, NETRA_STATE_DIR: join(lab.folder, 'state', name), NETRA_JOB_CONCURRENCY: '2' };
    this.#process = spawn(process.execPath, [bin, 'host', '--role', 'reporting', '--name', name], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString('utf8')));
    this.#process.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString('utf8')));
    this.exited = new Promise((resolve) => this.#process.once('close', resolve));
  }

  terminate(): void {
    this.#process.kill('SIGTERM');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.exited;
  }
}

/** Beside the proxies: what the services themselves know. */
class Beside implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #kafka: Kafka;
  readonly #admin: Admin;

  constructor(lab: Lab) {
    this.#lab = lab;
    const { host, port } = lab.infra.services.kafka.direct;
    this.#kafka = new Kafka({ brokers: [`${host}:${port}`], clientId: 'beside', logLevel: logLevel.NOTHING });
    this.#admin = this.#kafka.admin();
  }

  connect(): Promise<void> {
    return this.#admin.connect();
  }

  /** Partitions of `report.work` by host, as the group's coordinator has them; undefined while it rebalances. */
  async owners(): Promise<ReadonlyMap<string, readonly number[]> | undefined> {
    const { groups } = await this.#admin.describeGroups(['reporting']);
    if (groups[0]?.state !== 'Stable') return undefined;
    return new Map(groups[0].members.map(({ clientId, memberAssignment }) => [clientId, AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment['report.work'] ?? []]));
  }

  async spread(hosts: readonly string[]): Promise<ReadonlyMap<string, readonly number[]>> {
    let owners: ReadonlyMap<string, readonly number[]> | undefined;
    await until(
      async () => {
        owners = await this.owners();
        return owners !== undefined && owners.size === hosts.length && hosts.every((host) => owners?.has(host));
      },
      `the group to be shared by ${hosts.join(', ')}`,
      patienceMs,
    );
    return owners as ReadonlyMap<string, readonly number[]>;
  }

  /** Which partition each job's work lay in; the topic holds `total` messages or more. */
  async partitionOfJobs(total: number): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    const consumer = this.#kafka.consumer({ groupId: 'beside' });
    await consumer.connect();
    await consumer.subscribe({ topics: ['report.work'], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        found.set((JSON.parse(message.value?.toString('utf8') ?? '') as { request: { run_id: string } }).request.run_id, partition);
      },
    });
    await until(() => found.size >= total, 'all work messages', patienceMs);
    await consumer.disconnect();
    return found;
  }

  async reports(): Promise<readonly { run_id: string; host: string }[]> {
    const { host, port } = this.#lab.infra.services.postgres.direct;
    const url = new URL(this.#lab.infra.hostEnvironment['NETRA_DATABASE_URL'] ?? '');
    url.host = `${host}:${port}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    try {
      return (await client.query<{ run_id: string; host: string }>('SELECT run_id, host FROM reports')).rows;
    } finally {
      await client.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#admin.disconnect();
  }
}

function jobs(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

function hostsOf(reports: readonly { run_id: string; host: string }[], prefix: string): ReadonlySet<string> {
  return new Set(reports.filter(({ run_id }) => run_id.startsWith(prefix)).map(({ host }) => host));
}

function ascending(numbers: Iterable<number>): number[] {
  return [...numbers].toSorted((left, right) => left - right);
}

function shares(reports: readonly { host: string }[], owners: ReadonlyMap<string, readonly number[]>): string {
  return [...owners.keys()].toSorted((left, right) => left.localeCompare(right)).map((host) => `${host}: partitions ${ascending(owners.get(host) ?? []).join(', ')}; ${reports.filter((report) => report.host === host).length} reports`).join('\n');
}

/** F07: six hosts share 12 partitions, and one of them leaves in between. Nothing is lost, nothing is made twice; prints each one's share. */
export async function scaleOut(provider: InfraProvider): Promise<void> {
  await using lab = await Lab.start({ provider, reportingHosts: 0, environment: { NETRA_KAFKA_PARTITIONS: String(partitions) } });
  await using beside = new Beside(lab);
  await beside.connect();
  await using joined = new AsyncDisposableStack();
  const hosts = new Map(names.map((name) => [name, joined.use(new JoinedHost(lab, name))]));
  const left = hosts.get(leaver) as JoinedHost;

  const six = await beside.spread(names);
  expect([...six.values()].map((owned) => owned.length)).toEqual([2, 2, 2, 2, 2, 2]);
  expect(ascending([...six.values()].flat())).toEqual(Array.from({ length: partitions }, (_, index) => index));

  // As many as twice the partitions, so that each has work whichever it begins with.
  const before = jobs('before', 24);
  await Promise.all(before.map((name) => lab.submit(name)));
  await Promise.all(before.map((name) => lab.completed(name)));
  const first = await beside.reports();
  console.log(`six hosts\n${shares(first, six)}`);

  const between = jobs('between', 24);
  await Promise.all(between.map((name) => lab.submit(name)));
  left.terminate();
  expect(await left.exited).toBe(0);
  const rest = names.filter((name) => name !== leaver);
  const five = await beside.spread(rest);
  expect(ascending([...five.values()].map((owned) => owned.length))).toEqual([2, 2, 2, 3, 3]);
  expect(ascending([...five.values()].flat())).toEqual(ascending([...six.values()].flat()));

  const after = jobs('after', 24);
  await Promise.all(after.map((name) => lab.submit(name)));
  const all = [...before, ...between, ...after];
  const views = await Promise.all(all.map((name) => lab.completed(name)));
  for (const { result } of views) expect(result).toMatchObject({ success: true, level: 'FULL' });
  const reports = await beside.reports();
  console.log(`five hosts\n${shares(reports.filter(({ run_id }) => run_id.startsWith('lab-after-')), five)}`);

  expect(reports).toHaveLength(all.length);
  expect(new Set(reports.map(({ run_id }) => run_id))).toEqual(new Set(all.map((name) => `lab-${name}`)));
  const partitionOf = await beside.partitionOfJobs(all.length);
  const misplaced = (owners: ReadonlyMap<string, readonly number[]>, prefix: string) => reports.filter(({ run_id, host }) => run_id.startsWith(prefix) && owners.get(host)?.includes(partitionOf.get(run_id) ?? -1) !== true);
  expect(misplaced(six, 'lab-before-')).toEqual([]);
  expect(misplaced(five, 'lab-after-')).toEqual([]);
  expect(hostsOf(reports, 'lab-before-')).toEqual(new Set(names));
  expect(hostsOf(reports, 'lab-after-')).toEqual(new Set(rest));
  expect(left.stdout).toMatch(/^\{"type":"host.listening","host":"joined-3","port":\d+\}\n$/);
}
