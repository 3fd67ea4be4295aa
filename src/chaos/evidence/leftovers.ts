import { z } from 'zod';
import type { JournalEvent, LeftoverFound } from '../../journal/events.ts';
import { proxiesOf, serviceNames, type RunningInfra } from '../../infra/provider.ts';
import type { EvidenceContext } from '../engine/run-engine.ts';
import { processStart } from '../../core/process-identity.ts';
import { directKafka, nameInCluster } from '../faults/data/direct-kafka.ts';
import { scanKeys, withDirectRedis } from '../faults/data/direct-redis.ts';
import { evidenceWithin } from './bounded.ts';

const timeoutMs = 10_000;
/** A host that was killed cannot leave its group: the broker notices when its session is over. */
const groupsEmptyWithinMs = 12_000;
const pollMs = 100;

const proxies = z.record(z.string(), z.object({ name: z.string(), enabled: z.boolean(), toxics: z.array(z.object({ name: z.string() })) }));

type Kind = LeftoverFound['kind'];
/** What is found, less what all of its kind have. */
type Leftover = Omit<LeftoverFound, 'type' | 'kind'>;

/** Looks through what outlives a fleet; what could not be looked through is told, and is absent from `leftover.sought`. */
export async function collectLeftovers(context: EvidenceContext): Promise<void> {
  const { journal, infra } = context;
  const sought: Kind[] = [];
  const seek = async (kind: Kind, service: string, limitMs: number, look: (signal: AbortSignal) => Promise<readonly (string | Leftover)[]>): Promise<void> => {
    const found = await evidenceWithin(context, service, `what was left behind (${kind})`, limitMs, look);
    if (found === undefined) return;
    sought.push(kind);
    for (const each of found) journal.append({ type: 'leftover.found', kind, ...(typeof each === 'string' ? { name: each } : each) });
  };
  await Promise.all([
    seek('process', 'hosts', timeoutMs, async () => livingHosts(context.events())),
    seek('key', 'redis', timeoutMs, (signal) => checkpointsOf(context, signal)),
    seek('group', 'kafka', groupsEmptyWithinMs + timeoutMs, (signal) => groupsWithMembers(context, signal)),
    seek('proxy', 'toxiproxy', timeoutMs, (signal) => brokenProxies(infra, signal)),
  ]);
  journal.append({ type: 'leftover.sought', kinds: sought.toSorted() });
}

/** Processes of hosts that were started and of whose end nothing is known. */
export function livingHosts(events: readonly JournalEvent[]): string[] {
  const exited = new Set(events.flatMap((event) => (event.type === 'host.exited' ? [event.pid] : [])));
  return events.flatMap((event) => (event.type === 'host.started' && !exited.has(event.pid) && processStart(event.pid) !== undefined ? [`${event.host} (pid ${event.pid})`] : []));
}

/**
 * C07: the sections of a job are removed once its report is stored; those of a job without one are kept for its next
 * attempt. The progress record may stay, since it is what refuses a writer that comes too late.
 */
export async function checkpointsOf({ infra, events }: Pick<EvidenceContext, 'infra' | 'events'>, signal: AbortSignal): Promise<Leftover[]> {
  const finished = new Set(events().flatMap((event) => (event.type === 'job.reported' ? [event.job_id] : [])));
  return await withDirectRedis(infra, signal, async (redis) => {
    const left: Leftover[] = [];
    for (const key of (await scanKeys(redis, 'report_checkpoint:{*')).toSorted()) {
      const jobId = jobOf(key);
      if (jobId === undefined || !finished.has(jobId)) continue;
      const expiresInMs = await redis.pttl(key);
      left.push({ name: key, job_id: jobId, expires_in_ms: expiresInMs < 0 ? null : expiresInMs });
    }
    return left;
  });
}

/** C02: `{<user>:<job>}` stands in every key, both parts percent-encoded. */
function jobOf(key: string): string | undefined {
  const encoded = /\{[^{}:]*:([^{}:]*)\}/.exec(key)?.[1];
  return encoded === undefined ? undefined : decodeURIComponent(encoded);
}

/** Consumers that are still members after a while. */
export async function groupsWithMembers({ infra, clock }: Pick<EvidenceContext, 'infra' | 'clock'>, signal: AbortSignal, emptyWithinMs = groupsEmptyWithinMs): Promise<string[]> {
  const admin = directKafka(infra).admin();
  await admin.connect();
  try {
    const untilMs = clock.monotonicMs() + emptyWithinMs;
    for (;;) {
      const ids = (await admin.listGroups()).groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(nameInCluster(infra, '')));
      const { groups } = ids.length === 0 ? { groups: [] } : await admin.describeGroups(ids);
      const peopled = groups.filter(({ members }) => members.length > 0).map(({ groupId, members }) => `${groupId}: ${members.length} members`);
      if (peopled.length === 0 || clock.monotonicMs() >= untilMs) return peopled.toSorted();
      await clock.sleep(pollMs, signal);
    }
  } finally {
    await admin.disconnect();
  }
}

/** Proxies that are not as they were made: what a fault has left. Those of others in the same Toxiproxy are not looked at. */
export async function brokenProxies(infra: Pick<RunningInfra, 'services' | 'toxiproxyUrl'>, signal: AbortSignal): Promise<string[]> {
  const own = serviceNames.map((service) => proxiesOf(infra, service));
  const urls = [...new Set(own.map(({ toxiproxyUrl }) => toxiproxyUrl))];
  const broken = await Promise.all(
    urls.map(async (url) => {
      const names = own.flatMap((each) => (each.toxiproxyUrl === url ? each.names : []));
      const answer = await fetch(`${url}/proxies`, { signal });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`Toxiproxy answers with status ${answer.status} when asked for its proxies`);
      const found = Object.values(proxies.parse(JSON.parse(text))).filter(({ name }) => names.includes(name));
      return found.flatMap(({ name, enabled, toxics }) => [...(enabled ? [] : [`${name} is disabled`]), ...toxics.map((toxic) => `${name} has toxic ${toxic.name}`)]);
    }),
  );
  return broken.flat();
}
