import { raceAbort } from '../../core/abort.ts';
import { asError, isNetraError } from '../../core/errors.ts';
import { newCorrelationId } from '../../core/ids.ts';
import { urlAt } from '../../core/service-access.ts';
import { EmbeddedProcess } from '../embedded/process.ts';
import { InfraUnavailable } from '../error-codes.ts';
import { serviceNames, type Endpoint, type InfraOptions, type InfraProvider, type RunningInfra, type RunningService, type ServiceName, type ServiceProxies } from '../provider.ts';
import { services } from '../services/index.ts';
import { llmLogPath } from '../services/llm.ts';
import type { ServiceContext } from '../services/service.ts';
import { withKafka, withPostgres, withRedis } from './external/clients.ts';
import { removeLeftOfDeadRuns, writeRunRecord, type RunRecord } from './external/dead-runs.ts';
import { makeSchema, namesOf, removeOwnData, type RunNames } from './external/own-data.ts';
import { OwnProxies } from './external/own-proxies.ts';
import { reasonOf, survey, withoutSecrets } from './external/survey.ts';
import { addressText, type AccessVariables, type ExternalTargets } from './external/targets.ts';
import { ExitList } from './exit-list.ts';
import { waitUntilReady } from './ready.ts';

const START_WITHIN_MS = 60_000;
const REMOVE_WITHIN_MS = 5_000;

/**
 * Services that are there already. Proxies are made in the user's Toxiproxy, or in one of ours; the model is always behind our
 * gateway and our Toxiproxy, which a Toxiproxy elsewhere could not reach. What a run writes bears its name and is removed by `stop`.
 */
export function externalProvider(targets: ExternalTargets): InfraProvider {
  let swept: Promise<string[]> | undefined;
  // Once: runs side by side would remove the same things and get in each other's way.
  const sweep: Sweep = async ({ cacheDir, clock }, signal) => {
    if (swept !== undefined) return swept.then(() => []);
    swept = removeLeftOfDeadRuns(cacheDir, targets, clock, signal);
    return swept;
  };
  return {
    name: 'external',
    async start(options) {
      const start = new ExternalStart(targets, options, sweep);
      try {
        return await start.run();
      } catch (error) {
        await start.stop();
        throw options.signal.aborted || isNetraError(error) ? error : new InfraUnavailable(`The external services cannot be used: ${withoutSecrets(reasonOf(error), targets)}.`, { cause: error });
      }
    },
  };
}

type Shared = Exclude<ServiceName, 'llm'>;
/** Removes what dead runs have left; a sentence for each of them, for the first who asks. */
type Sweep = (options: InfraOptions, signal: AbortSignal) => Promise<string[]>;

class ExternalStart {
  readonly #targets: ExternalTargets;
  readonly #options: InfraOptions;
  readonly #sweep: Sweep;
  readonly #context: ServiceContext;
  readonly #names: RunNames;
  readonly #startMs: number;
  readonly #exits = new ExitList();
  #process: EmbeddedProcess | undefined;
  #sharedProxies: OwnProxies | undefined;
  #record: RunRecord | undefined;
  #stopping: Promise<void> | undefined;

  constructor(targets: ExternalTargets, options: InfraOptions, sweep: Sweep) {
    const { seed, logsDir, cacheDir, llm, clock, runId } = options;
    this.#targets = targets;
    this.#options = options;
    this.#sweep = sweep;
    this.#context = { seed, logsDir, cacheDir, llm, hostKey: `netra-${newCorrelationId()}` };
    this.#names = namesOf(runId);
    this.#startMs = clock.monotonicMs();
  }

  async run(): Promise<RunningInfra> {
    const { clock, signal } = this.#options;
    signal.throwIfAborted();
    const timeout = new AbortController();
    const cancel = clock.setTimer(START_WITHIN_MS, () => timeout.abort(new InfraUnavailable(`The external services were not ready within ${START_WITHIN_MS / 1_000} s.`)));
    try {
      return await this.#bringUp(AbortSignal.any([signal, timeout.signal]));
    } finally {
      cancel();
    }
  }

  stop(): Promise<void> {
    this.#exits.close();
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #bringUp(signal: AbortSignal): Promise<RunningInfra> {
    const targets = this.#targets;
    const { clock, cacheDir, logsDir, runId } = this.#options;
    const own = this.#spawn();
    const [{ brokers }, toxiproxy, gateway] = await raceAbort(Promise.all([survey(targets, clock, signal), own.listening('toxiproxy'), own.listening('llm')]), signal);
    for (const sentence of await this.#sweep(this.#options, signal)) this.#options.onEvent?.({ type: 'infra.warning', service: 'toxiproxy', message: sentence });
    const ownUrl = `http://${addressText(toxiproxy.direct)}`;
    const place = targets.toxiproxy ?? { url: ownUrl, bindHost: '127.0.0.1', ports: [], clientHost: '127.0.0.1' };
    this.#reportReady('toxiproxy', targets.toxiproxy === undefined ? toxiproxy.direct : endpointOf(place.url));
    // In a Toxiproxy of the user's, names of other runs and of others are there too.
    const nameOf = (service: Shared, index = 0): string => `${targets.toxiproxy === undefined ? '' : `netra-${runId}-`}${service}${index === 0 ? '' : `-${index + 1}`}`;
    const wanted = [
      { name: nameOf('redis'), upstream: this.#upstreamOf(targets.redis) },
      { name: nameOf('postgres'), upstream: this.#upstreamOf(targets.postgres) },
      ...brokers.map((broker, index) => ({ name: nameOf('kafka', index), upstream: this.#upstreamOf(broker) })),
    ];
    this.#record = await writeRunRecord(cacheDir, runId, targets, wanted.map(({ name }) => name));
    this.#sharedProxies = new OwnProxies(place);
    const llmProxies = new OwnProxies({ url: ownUrl, bindHost: '127.0.0.1', ports: [], clientHost: '127.0.0.1' });
    const [[redis, postgres, ...kafka], [llm]] = (await raceAbort(
      Promise.all([this.#sharedProxies.make(wanted, signal), llmProxies.make([{ name: 'llm', upstream: addressText(gateway.upstream) }], signal), makeSchema(targets, this.#names, signal)]),
      signal,
    )) as unknown as [Endpoint[], Endpoint[]] & [[Endpoint, Endpoint, ...Endpoint[]], [Endpoint]];
    const shared = this.#hostAccess(redis, postgres, brokers, kafka);
    const served: Readonly<Record<ServiceName, Omit<RunningService, 'name' | 'startedInMs'>>> = {
      redis: { direct: targets.redis, proxied: redis, proxies: this.#at(place.url, [nameOf('redis')]) },
      postgres: { direct: targets.postgres, proxied: postgres, proxies: this.#at(place.url, [nameOf('postgres')]) },
      kafka: { direct: targets.kafka[0] as Endpoint, proxied: kafka[0] as Endpoint, proxies: this.#at(place.url, kafka.map((_, index) => nameOf('kafka', index))) },
      llm: { direct: gateway.direct, proxied: llm, proxies: this.#at(ownUrl, ['llm']) },
    };
    const running = await Promise.all(
      serviceNames.map(async (name): Promise<RunningService> => {
        await this.#probe(name, served[name].proxied, shared, brokers, signal);
        return { name, ...served[name], startedInMs: this.#reportReady(name, served[name].proxied) };
      }),
    );
    return {
      provider: 'external',
      services: Object.fromEntries(running.map((service) => [service.name, service])) as Record<ServiceName, RunningService>,
      toxiproxyUrl: place.url,
      hostEnvironment: { ...shared, ...services.llm.hostEnvironment(llm, this.#context) },
      llmLogPath: llmLogPath(logsDir),
      onUnexpectedExit: (listener) => this.#exits.listen(listener),
      stop: () => this.stop(),
      [Symbol.asyncDispose]: () => this.stop(),
    };
  }

  /** What hosts are told of the services that are not ours. */
  #hostAccess(redis: Endpoint, postgres: Endpoint, brokers: readonly Endpoint[], proxied: readonly Endpoint[]): AccessVariables {
    const { access } = this.#targets;
    const database = urlAt(access.NETRA_DATABASE_URL, postgres);
    database.searchParams.set('options', `-c search_path=${this.#names.schema}`);
    return {
      ...access,
      NETRA_REDIS_URL: urlAt(access.NETRA_REDIS_URL, redis).href,
      NETRA_REDIS_KEY_PREFIX: this.#names.keyPrefix,
      // Of + as a space the driver's parser knows nothing.
      NETRA_DATABASE_URL: database.href.replaceAll('+', '%20'),
      // Under their own names, which are in their certificates; each is connected to at its proxy.
      NETRA_KAFKA_BROKERS: brokers.map(addressText).join(','),
      NETRA_KAFKA_ADDRESS_MAP: brokers.map((broker, index) => `${broker.host}:${broker.port}=${addressText(proxied[index] as Endpoint)}`).join(','),
      NETRA_KAFKA_NAME_PREFIX: this.#names.kafkaPrefix,
    };
  }

  /** As a host would; one attempt for what is there already. */
  async #probe(name: ServiceName, endpoint: Endpoint, access: AccessVariables, brokers: readonly Endpoint[], signal: AbortSignal): Promise<void> {
    if (name === 'llm') return waitUntilReady(name, () => services.llm.probe(endpoint, this.#context, signal), this.#options.clock, signal);
    try {
      if (name === 'redis') await withRedis(access, endpoint, signal, (redis) => redis.ping());
      else if (name === 'postgres') await withPostgres(access, endpoint, signal, (client) => client.query('SELECT 1'));
      else await this.#probeKafka(access, brokers, signal);
    } catch (error) {
      signal.throwIfAborted();
      const sentence = `${name} answers, but not through its proxy at ${addressText(endpoint)} (${withoutSecrets(reasonOf(error), this.#targets)}); NETRA_TOXIPROXY_UPSTREAMS says where Toxiproxy reaches services, NETRA_TOXIPROXY_LISTEN where it listens.`;
      throw isNetraError(error) ? error : new InfraUnavailable(sentence, { cause: error });
    }
  }

  /** Each broker through its own proxy, since a client goes to any of them; and none that has no proxy. */
  async #probeKafka(access: AccessVariables, brokers: readonly Endpoint[], signal: AbortSignal): Promise<void> {
    const known = new Set(brokers.map(addressText));
    for (const broker of brokers) {
      const named = await withKafka(access, [broker], signal, (admin) => admin.describeCluster());
      const past = named.brokers.map(addressText).filter((address) => !known.has(address));
      if (past.length > 0) throw new InfraUnavailable(`Kafka sends its clients to ${past.join(', ')}, past the proxies; try again once the cluster no longer changes.`);
    }
  }

  #spawn(): EmbeddedProcess {
    const child = new EmbeddedProcess({
      components: ['toxiproxy', 'llm'],
      context: this.#context,
      clock: this.#options.clock,
      onWarning: (service, message) => this.#options.onEvent?.({ type: 'infra.warning', service, message }),
    });
    this.#process = child;
    void child.exited.then((exit) => this.#exits.add(exit));
    return child;
  }

  async #stop(): Promise<void> {
    const late = new AbortController();
    const cancel = this.#options.clock.setTimer(REMOVE_WITHIN_MS, () => late.abort(new Error(`no answer within ${REMOVE_WITHIN_MS / 1_000} s`)));
    try {
      // No record, nothing made.
      const left = this.#record === undefined ? [] : (await Promise.all([this.#sharedProxies?.remove(late.signal) ?? [], removeOwnData(this.#targets, this.#names, this.#options.clock)])).flat();
      if (left.length === 0) await this.#record?.remove();
      else this.#options.onEvent?.({ type: 'infra.warning', service: 'toxiproxy', message: `could not be removed: ${left.join('; ')}; the next run against the same services tries again` });
    } catch (error) {
      this.#options.onEvent?.({ type: 'infra.warning', service: 'toxiproxy', message: `the record of the run stays: ${asError(error).message}` });
    } finally {
      cancel();
      await this.#process?.stop();
    }
  }

  #upstreamOf(endpoint: Endpoint): string {
    const address = addressText(endpoint);
    return this.#targets.upstreams.get(address) ?? address;
  }

  #at(toxiproxyUrl: string, names: readonly string[]): ServiceProxies {
    return { toxiproxyUrl, names };
  }

  #reportReady(service: ServiceName | 'toxiproxy', endpoint: Endpoint): number {
    const startedInMs = Math.round(this.#options.clock.monotonicMs() - this.#startMs);
    this.#options.onEvent?.({ type: 'infra.service_ready', service, endpoint, startedInMs });
    return startedInMs;
  }
}

function endpointOf(url: string): Endpoint {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}
