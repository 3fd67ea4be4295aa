import type { Clock } from '../../../core/clock.ts';
import type { ExternalTargets } from './targets.ts';
import { withKafka, withPostgres, withRedis } from './clients.ts';
import { reasonOf, withoutSecrets } from './survey.ts';

/** What everything that a run writes is named by, so that nobody else's is touched and all of it can be removed. */
export interface RunNames {
  /** Of topics and consumer groups. */
  readonly kafkaPrefix: string;
  readonly keyPrefix: string;
  readonly schema: string;
}

export function namesOf(runId: string): RunNames {
  const plain = runId.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-');
  return { kafkaPrefix: `netra-${plain}.`, keyPrefix: `netra:${plain}:`, schema: `netra_${plain.replaceAll('-', '_')}` };
}

export async function makeSchema({ access, postgres }: ExternalTargets, { schema }: RunNames, signal: AbortSignal): Promise<void> {
  await withPostgres(access, postgres, signal, (client) => client.query(`CREATE SCHEMA "${schema}"`));
}

const removeWithinMs = 15_000;
const pollMs = 200;
const scanCount = 1_000;

/** Removes all that a run has written, beside the proxies. Returns what is left, each with its reason. */
export async function removeOwnData(targets: ExternalTargets, names: RunNames, clock: Clock): Promise<string[]> {
  const remove = async (what: string, work: (signal: AbortSignal) => Promise<unknown>): Promise<string[]> => {
    const late = new AbortController();
    const cancel = clock.setTimer(removeWithinMs, () => late.abort(new Error(`not done within ${removeWithinMs / 1_000} s`)));
    try {
      await work(late.signal);
      return [];
    } catch (error) {
      return [`${what} (${withoutSecrets(reasonOf(error), targets)})`];
    } finally {
      cancel();
    }
  };
  // First, since groups that are empty say that no host is left who could write.
  const kafka = await remove(`topics and groups ${names.kafkaPrefix}* in Kafka`, (signal) => removeTopicsAndGroups(targets, names, clock, signal));
  const others = await Promise.all([
    remove(`keys ${names.keyPrefix}* in Redis`, (signal) => removeKeys(targets, names, signal)),
    remove(`schema ${names.schema} in PostgreSQL`, (signal) => withPostgres(targets.access, targets.postgres, signal, (client) => client.query(`DROP SCHEMA IF EXISTS "${names.schema}" CASCADE`))),
  ]);
  return [...kafka, ...others.flat()];
}

async function removeKeys({ access, redis: endpoint }: ExternalTargets, { keyPrefix }: RunNames, signal: AbortSignal): Promise<void> {
  await withRedis(access, endpoint, signal, async (redis) => {
    let cursor = '0';
    do {
      const [next, keys] = await redis.scan(cursor, 'MATCH', `${keyPrefix}*`, 'COUNT', scanCount);
      if (keys.length > 0) await redis.unlink(keys);
      cursor = next;
    } while (cursor !== '0');
  });
}

async function removeTopicsAndGroups({ access, kafka }: ExternalTargets, { kafkaPrefix }: RunNames, clock: Clock, signal: AbortSignal): Promise<void> {
  await withKafka(access, kafka, signal, async (admin) => {
    const groups = (await admin.listGroups()).groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(kafkaPrefix));
    // Of a host that was killed the group knows only when its session is over.
    while (groups.length > 0 && (await admin.describeGroups(groups)).groups.some(({ members }) => members.length > 0)) await clock.sleep(pollMs, signal);
    if (groups.length > 0) await admin.deleteGroups(groups);
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(kafkaPrefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  });
}
