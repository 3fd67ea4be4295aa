import type { Clock } from '../../../core/clock.ts';
import { asError } from '../../../core/errors.ts';
import { ExternalUnreachable, HostsRefused } from '../../error-codes.ts';
import type { Endpoint } from '../../provider.ts';
import { withKafka, withPostgres, withRedis } from './clients.ts';
import { allowFix, refusalText, refusedHosts } from './guard.ts';
import { addressText, type ExternalTargets } from './targets.ts';

const answerWithinMs = 8_000;

export interface Survey {
  /** Every broker as the cluster names it. */
  readonly brokers: readonly Endpoint[];
}

/**
 * Asks every service for what the fleet is going to need of it, beside any proxy, as a client would. Throws
 * ExternalUnreachable with a sentence for each one that does not have it, and HostsRefused where the cluster has brokers
 * on hosts that must not be broken. Nothing is changed.
 */
export async function survey(targets: ExternalTargets, clock: Clock, signal: AbortSignal): Promise<Survey> {
  const late = new AbortController();
  const cancel = clock.setTimer(answerWithinMs, () => late.abort(new Error(`no answer within ${answerWithinMs / 1_000} s`)));
  const within = AbortSignal.any([signal, late.signal]);
  const sentences: string[] = [];
  const look = async <T>(service: string, where: string, ask: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      sentences.push(`${service} at ${where} cannot be used: ${withoutSecrets(reasonOf(error), targets)}.`);
      return undefined;
    }
  };
  try {
    const [, , brokers] = await Promise.all([
      look('Redis', addressText(targets.redis), () => lookAtRedis(targets, within)),
      look('PostgreSQL', addressText(targets.postgres), () => lookAtPostgres(targets, within)),
      look('Kafka', targets.kafka.map(addressText).join(', '), () => lookAtKafka(targets, within)),
      targets.toxiproxy === undefined ? undefined : look('Toxiproxy', targets.toxiproxy.url, () => lookAtToxiproxy(targets.toxiproxy?.url as string, within)),
    ]);
    if (sentences.length > 0 || brokers === undefined) throw new ExternalUnreachable(sentences.toSorted());
    const refused = targets.allowHosts === undefined ? [] : await refusedHosts(brokers.map(({ host }) => host), targets.allowHosts, within);
    if (refused.length > 0) throw new HostsRefused(`--kafka: its cluster has brokers elsewhere, and chaos ${refusalText(refused)}; ${allowFix}`);
    return { brokers };
  } finally {
    cancel();
  }
}

async function lookAtRedis({ access, redis: endpoint }: ExternalTargets, signal: AbortSignal): Promise<void> {
  await withRedis(access, endpoint, signal, async (redis) => {
    await redis.ping();
    // A user who may not ask (NOPERM) may do all that is needed none the less.
    const info = await redis.info().catch(() => '');
    if (/^cluster_enabled:1/m.test(info)) throw new Error('it is a node of a Redis Cluster, which needs a client of another kind; name a server of its own');
    if (/^role:slave/m.test(info)) throw new Error('it is a replica and takes no writes; name its primary');
  });
}

async function lookAtPostgres({ access, postgres: endpoint }: ExternalTargets, signal: AbortSignal): Promise<void> {
  await withPostgres(access, endpoint, signal, async (client) => {
    const { rows } = await client.query<{ may: boolean; standby: boolean }>("SELECT has_database_privilege(current_database(), 'CREATE') AS may, pg_is_in_recovery() AS standby");
    if (rows[0]?.standby === true) throw new Error('it is a standby and takes no writes; name its primary');
    if (rows[0]?.may !== true) throw new Error('its user may not make a schema in this database, and every run has its own; GRANT CREATE ON DATABASE');
  });
}

async function lookAtKafka({ access, kafka }: ExternalTargets, signal: AbortSignal): Promise<Endpoint[]> {
  return withKafka(access, kafka, signal, async (admin) => {
    const { brokers } = await admin.describeCluster();
    // Needs the coordinator of groups, which is what a new cluster has last.
    await admin.describeGroups(['netra-probe']);
    return brokers.map(({ host, port }) => ({ host, port }));
  });
}

async function lookAtToxiproxy(url: string, signal: AbortSignal): Promise<void> {
  const answer = await fetch(`${url}/proxies`, { signal, headers: { connection: 'close' } });
  const text = await answer.text();
  if (!answer.ok || !text.startsWith('{')) throw new Error(`what answers there, with status ${answer.status}, is no Toxiproxy`);
}

/** What `fetch` and ioredis tell is in the cause; several addresses of one name make an AggregateError without a message. */
export function reasonOf(thrown: unknown): string {
  const error = asError(thrown);
  const inner = error instanceof AggregateError ? error.errors[0] : error.message === 'fetch failed' || error.message === '' ? error.cause : undefined;
  const text = inner === undefined ? error.message : reasonOf(inner);
  return text.replaceAll(/\s+/g, ' ').replace(/[.\s]+$/, '') || error.name;
}

/** Drivers name no secrets; a server's own words could. */
export function withoutSecrets(text: string, { access }: Pick<ExternalTargets, 'access'>): string {
  const secrets = [new URL(access.NETRA_REDIS_URL).password, new URL(access.NETRA_DATABASE_URL).password, access.NETRA_KAFKA_SASL_PASSWORD ?? ''];
  return secrets.flatMap((secret) => (secret === '' ? [] : [secret, decodeURIComponent(secret)])).reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}
