import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sectionNames, type SectionName } from '../../../src/fleet/jobs/job.ts';
import { CheckpointFactory } from '../../../src/fleet/reporting/checkpoints/checkpoint-factory.ts';
import { DirectRedisStore } from './helpers/direct-redis-store.ts';
import { startAnyRedis, type TestServer } from './helpers/redis-servers.ts';
import { checkpointContext, contentOf } from './helpers/reports.ts';
import { testServices } from './helpers/services.ts';

const child = fileURLToPath(new URL('./helpers/crash-child.ts', import.meta.url));

interface Ended {
  readonly lines: readonly string[];
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

function runChild(...parameters: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const running = spawn(process.execPath, [child, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    running.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    running.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    running.once('error', reject);
    running.once('close', (_code, signal) => resolve({ lines: stdout.split('\n').filter(Boolean), signal, stderr }));
  });
}

describe('checkpoints of a process that is killed', () => {
  let server: TestServer;
  let store: DirectRedisStore;
  beforeAll(async () => {
    server = await startAnyRedis();
    store = await DirectRedisStore.connect(server.port);
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  it('C03 C06 C08 killed at any command of a commit, nothing is half written and every acknowledged section is there', { timeout: 90_000 }, async () => {
    const port = String(server.port);
    // The first one also sends the scripts, which takes more commands.
    await runChild(port, 'user', 'first', '0', 'before');
    const whole = await runChild(port, 'user', 'whole', '0', 'before');
    expect(whole.stderr).toBe('');
    const commands = Number(/done after (\d+)/.exec(whole.lines.at(-1) ?? '')?.[1]);
    expect(commands).toBeGreaterThanOrEqual(6);
    const points = Array.from({ length: commands }, (_, index) => index + 1).flatMap((at) => [
      { at, when: 'before' },
      { at, when: 'after' },
    ]);
    const problems: string[] = [];
    // Two at a time: the machine may have no more cores.
    const strike = async (): Promise<void> => {
      for (let point = points.pop(); point !== undefined; point = points.pop()) {
        const jobId = `killed-${point.at}-${point.when}`;
        const { signal, lines } = await runChild(port, 'user', jobId, String(point.at), point.when);
        if (signal !== 'SIGKILL') problems.push(`${jobId}: ended by ${String(signal)}`);
        // The cleanup is the last command: once it has been sent it may have been carried out.
        const mayBeCleaned = point.at === commands && point.when === 'after';
        problems.push(...(await whatIsWrong(store, jobId, lines, mayBeCleaned)).map((problem) => `${jobId}: ${problem}`));
      }
    };
    await Promise.all([strike(), strike()]);
    expect(problems).toEqual([]);
    expect(await orphans(store)).toEqual([]);
  });
});

/** @param acknowledged sections as the killed process said them */
async function whatIsWrong(store: DirectRedisStore, jobId: string, acknowledged: readonly string[], mayBeCleaned: boolean): Promise<string[]> {
  const services = testServices({ redis: store });
  const heir = new CheckpointFactory(services).createForContext(checkpointContext({ userId: 'user', jobId }));
  await heir.claim(0);
  const loaded = await heir.loadAllSections();
  if (mayBeCleaned && loaded.size === 0) return [];
  const allowed = new Map([
    ['data_analysis', [contentOf('small')]],
    ['recommendations', [contentOf('large', 60_000), contentOf('large again', 70_000)]],
  ]);
  return [
    ...acknowledged.filter((section) => !loaded.has(section as SectionName)).map((section) => `${section} was acknowledged and is gone`),
    ...[...loaded].filter(([section, content]) => !(allowed.get(section) ?? []).some((each) => JSON.stringify(each) === JSON.stringify(content))).map(([section]) => `${section} is none of what was saved`),
    ...services.eventsOf('checkpoint_rejected').map(({ section, detail }) => `${section}: ${detail}`),
  ];
}

/** Keys without a time to live, and pointers to blobs that are not there. */
async function orphans(store: DirectRedisStore): Promise<string[]> {
  const found: string[] = [];
  const keys = await store.client.keys('*');
  for (const key of keys) {
    if ((await store.client.pttl(key)) <= 0) found.push(`${key} lives for ever`);
    const text = sectionNames.some((section) => key.endsWith(`:${section}`)) ? ((await store.client.get(key)) ?? '') : '';
    const blob = text.startsWith('@') ? (JSON.parse(text.slice(1)) as { blob: string }).blob : undefined;
    if (blob !== undefined && !keys.includes(blob)) found.push(`${key} points to ${blob}, which is gone`);
  }
  return found;
}
