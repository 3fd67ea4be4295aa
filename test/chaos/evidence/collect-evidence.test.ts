import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvidenceContext } from '../../../src/chaos/engine/run-engine.ts';
import { collectEvidence } from '../../../src/chaos/evidence/index.ts';
import { groupsWithMembers, livingHosts } from '../../../src/chaos/evidence/leftovers.ts';
import { withDirectRedis } from '../../../src/chaos/faults/data/direct-redis.ts';
import { directKafka } from '../../../src/chaos/faults/data/direct-kafka.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { JournalEvent } from '../../../src/journal/events.ts';
import { JournalWriter } from '../../../src/journal/writer.ts';
import { temporaryFolder } from '../../helpers/cli.ts';
import { journal } from '../checks/journal-builder.ts';
import { FaultBench, never } from '../faults/fault-bench.ts';

let bench: FaultBench;
beforeAll(async () => {
  bench = await FaultBench.start();
}, 60_000);
afterAll(async () => bench[Symbol.asyncDispose]());

/** What is appended by one round of collecting, after the events given. */
async function collected(fleet: EvidenceContext['fleet'], before: readonly JournalEvent[], infra = bench.infra): Promise<JournalEvent[]> {
  await using folder = await temporaryFolder();
  using writer = new JournalWriter(join(folder.path, 'journal.ndjson'), 'r', systemClock);
  const appended: JournalEvent[] = [];
  writer.onEvent((event) => appended.push(event));
  await collectEvidence({ runId: 'r', infra, journal: writer, clock: systemClock, events: () => before, fleet, signal: never });
  return appended;
}

async function withDatabase(work: (client: Client) => Promise<void>): Promise<void> {
  const url = new URL(bench.infra.hostEnvironment.NETRA_DATABASE_URL ?? '');
  url.hostname = bench.infra.services.postgres.direct.host;
  url.port = String(bench.infra.services.postgres.direct.port);
  const client = new Client({ connectionString: url.href });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

describe('evidence from real services', () => {
  it('P02 nothing is left behind: everything was looked through', async () => {
    const appended = await collected('stopped', []);
    expect(appended).toMatchObject([{ type: 'leftover.sought', kinds: ['group', 'key', 'process', 'proxy'] }]);
  });

  it('P02 a checkpoint of a finished job, a broken proxy and a living host are found; a fence and an unfinished job are none', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    await withDirectRedis(bench.infra, never, async (redis) => {
      await redis.mset('report_checkpoint:{u:r-a}:summary', 'x', 'report_checkpoint:progress:{u:r-a}', 'x', 'report_checkpoint:{u:r-b}:summary', 'x');
    });
    const latency = await bench.inject('latency', 'redis', { latency: '1ms' });
    const down = await bench.inject('down', 'kafka');
    try {
      const appended = await collected('stopped', journal().host('reporting-1', pid).accept('a').report('a').accept('b').events);
      const found = appended.flatMap((event) => (event.type === 'leftover.found' ? [`${event.kind}: ${event.name.replace(/toxic .*/, 'toxic')}`] : []));
      expect(found.toSorted()).toEqual(['key: report_checkpoint:{u:r-a}:summary', `process: reporting-1 (pid ${pid})`, 'proxy: kafka is disabled', 'proxy: redis has toxic']);
      expect(livingHosts(journal().host('reporting-1', pid).exit('reporting-1', true, pid).events)).toEqual([]);
    } finally {
      await down.heal(never);
      await latency.heal(never);
      child.kill('SIGKILL');
    }
  });

  it('P02 a consumer that is still in its group is found', async () => {
    const kafka = directKafka(bench.infra);
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'evidence', numPartitions: 1 }] });
    await admin.disconnect();
    const consumer = kafka.consumer({ groupId: 'stayed' });
    await consumer.connect();
    await consumer.subscribe({ topic: 'evidence' });
    const joined = new Promise<void>((resolve) => void consumer.on('consumer.group_join', () => resolve()));
    await consumer.run({ eachMessage: async () => undefined });
    await joined;
    const context = { infra: bench.infra, clock: systemClock };
    try {
      expect(await groupsWithMembers(context, never, 200)).toEqual(['stayed: 1 members']);
    } finally {
      await consumer.disconnect();
    }
    expect(await groupsWithMembers(context, never)).toEqual([]);
  });

  it("P02 the model's calls and the stored reports of the run are journaled", async () => {
    await withDatabase(async (client) => {
      await client.query('CREATE TABLE IF NOT EXISTS reports (run_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, level TEXT NOT NULL, result TEXT NOT NULL)');
      await client.query("INSERT INTO reports VALUES ('r-a', 'u', 'FULL', '{\"report\": {\"user_id\": \"u\", \"sections\": [{\"name\": \"summary\", \"source\": \"model\"}]}}'), ('rx-a', 'u', 'FULL', '{}')");
    });
    const { NETRA_LLM_BASE_URL: url = '', NETRA_LLM_API_KEY: key = '', NETRA_LLM_MODEL: model = '' } = bench.infra.hostEnvironment;
    const answer = await fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, 'x-netra-run-id': 'r-a', 'x-netra-host': 'reporting-1' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }] }),
    });
    await answer.text();
    const appended = await collected('running', []);
    expect(appended.find((event) => event.type === 'report.stored')).toMatchObject({ job_id: 'r-a', user_id: 'u', sections: [{ name: 'summary', source: 'model' }] });
    expect(appended.filter((event) => event.type === 'report.stored')).toHaveLength(1);
    expect(appended.find((event) => event.type === 'llm.called')).toMatchObject({ job_id: 'r-a', host: 'reporting-1', status: 200, outcome: 'completed' });
  });

  it('P02 what cannot be had is told, and is not said to have been looked through', async () => {
    const dead = { host: '127.0.0.1', port: 1 };
    const services = Object.fromEntries(Object.entries(bench.infra.services).map(([name, service]) => [name, { ...service, direct: dead }])) as unknown as typeof bench.infra.services;
    const gone = { ...bench.infra, services, toxiproxyUrl: 'http://127.0.0.1:1', llmLogPath: '/nowhere/llm.ndjson' };
    const stopped = await collected('stopped', [], gone);
    expect(stopped.at(-1)).toMatchObject({ type: 'leftover.sought', kinds: ['process'] });
    expect(stopped.flatMap((event) => (event.type === 'infra.warning' ? [event.service] : [])).toSorted()).toEqual(['kafka', 'redis', 'toxiproxy']);
    const running = await collected('running', [], gone);
    expect(running.map((event) => event.type === 'infra.warning' && event.service)).toEqual(['llm', 'postgres']);
  }, 30_000);
});
