import type { Clock } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import type { Rng } from '../core/rng.ts';
import { CircuitBreaker } from './breaker/circuit-breaker.ts';
import type { BreakerConfig } from './breaker/breaker-config.ts';
import { Bulkhead, type BulkheadConfig } from './bulkhead.ts';
import { runCall, type Operation } from './call/call.ts';
import type { CallPlan, CallRequest } from './call/call-plan.ts';
import { CallMonitor } from './call-monitor.ts';
import { Component } from './component.ts';
import { ReliabilityConfigError } from './errors.ts';
import type { ReliabilityEvent } from './events.ts';
import type { HedgeConfig } from './hedge.ts';
import type { ComponentHealth } from './health/component-health.ts';
import { systemHealth, type SystemHealth } from './health/system-health.ts';
import { KeyedRegistry } from './keyed-registry.ts';
import { resolveProfiles, type Profile, type ProfileName, type ProfileOverride } from './profiles.ts';
import { RetryBudget } from './retry/retry-budget.ts';
import { resolveRetryConfig, type RetryConfig } from './retry/retry-config.ts';
import { serviceOf } from './service-name.ts';
import { timeoutQueueOf } from './timeout/timeout-queue.ts';

export interface ExecuteOptions<T> extends CallRequest<T> {
  /** @default 'API' */
  readonly profile?: ProfileName | undefined;
  /** On top of the profile's. */
  readonly retry?: Partial<RetryConfig> | undefined;
  /** Whether the call may be repeated although it may have been carried out. @default true with an `idempotencyKey`, else the profile's */
  readonly idempotent?: boolean | undefined;
  /** Key of the breaker, or false for none. @default the service: `redis` of `redis.get` */
  readonly breaker?: string | false | undefined;
  /** The service's bulkhead: settings of the first call that has any count. @default the profile's */
  readonly bulkhead?: BulkheadConfig | false | undefined;
  /** @default the profile's */
  readonly hedge?: HedgeConfig | false | undefined;
}

export interface ReliabilityManagerOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  /** false = one attempt, no breaker, bulkhead, hedge or fallback; timeouts, abort, events and health stay. @default true */
  readonly enabled?: boolean;
  readonly profiles?: Partial<Record<ProfileName, ProfileOverride>>;
  /** Settings of single breakers, over those of the profiles. */
  readonly breakers?: Readonly<Record<string, Partial<BreakerConfig>>>;
  /** Told what listeners and hooks throw; such errors never reach a call. */
  readonly onListenerError?: (error: unknown) => void;
  /** Dependencies remembered at a time; those used longest ago are forgotten first. @default 10000 */
  readonly maxKeys?: number;
}

interface Prepared {
  readonly plan: CallPlan;
  readonly options: ExecuteOptions<unknown>;
}

const NO_OPTIONS: ExecuteOptions<never> = Object.freeze({});

/** The one way to call anything outside the process: retries, breaker, timeouts, fallback, events and health in one call. */
export class ReliabilityManager {
  readonly events: Emitter<ReliabilityEvent>;
  readonly enabled: boolean;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #profiles: Readonly<Record<ProfileName, Profile>>;
  readonly #breakerSettings: Readonly<Record<string, Partial<BreakerConfig>>>;
  readonly #onListenerError: (error: unknown) => void;
  readonly #prepared: KeyedRegistry<Prepared>;
  readonly #components: KeyedRegistry<Component>;
  readonly #breakers: KeyedRegistry<CircuitBreaker>;
  /** Breakers that were asked for by key before any call brought their settings. */
  readonly #unconfigured = new Set<string>();

  /** @throws ReliabilityConfigError */
  constructor(options: ReliabilityManagerOptions) {
    const maxKeys = options.maxKeys ?? 10_000;
    this.#clock = options.clock;
    this.#rng = options.rng;
    this.enabled = options.enabled ?? true;
    this.#profiles = resolveProfiles(options.profiles);
    this.#breakerSettings = structuredClone(options.breakers ?? {});
    this.#onListenerError = guarded(options.onListenerError);
    this.events = new Emitter(this.#onListenerError);
    this.#prepared = new KeyedRegistry(maxKeys);
    this.#components = new KeyedRegistry(maxKeys, (component) => (component.bulkhead?.inFlight ?? 0) > 0);
    this.#breakers = new KeyedRegistry(maxKeys, (breaker) => breaker.state !== 'closed');
  }

  /**
   * Calls `operation` as its profile says and settles as it finally does: with its value, a
   * fallback's, its own last error, the abort reason of the caller, or a CircuitBreakerOpenError,
   * BulkheadFullError, TimeoutError or DeadlineExceededError.
   *
   * @param name `service.operation`, e.g. `redis.get`; from a small set, ids do not belong in it
   */
  executeSafely<T>(operation: Operation<T>, name: string, options: ExecuteOptions<T> = NO_OPTIONS): Promise<T> {
    let plan: CallPlan;
    try {
      if (options.timeoutMs !== undefined && !(options.timeoutMs > 0)) {
        throw new ReliabilityConfigError([{ where: `${name}: timeoutMs`, what: `is ${options.timeoutMs}`, fix: 'use milliseconds above 0, or Infinity' }]);
      }
      plan = this.#planFor(name, options);
    } catch (error) {
      return Promise.reject(error);
    }
    return runCall(plan, operation, this.enabled || options.fallback === undefined ? options : { ...options, fallback: undefined });
  }

  /** The breaker of `key`. Made where no call has used it yet; the first call then brings its settings. */
  breaker(key: string): CircuitBreaker {
    const known = this.#breakers.get(key);
    if (known !== undefined) return known;
    this.#unconfigured.add(key);
    return this.#breakers.set(key, this.#newBreaker(key, {}));
  }

  /** The health of everything called so far. */
  health(): SystemHealth {
    const components: Record<string, ComponentHealth> = {};
    for (const [name, component] of this.#components) {
      const states = [...component.breakerKeys].flatMap((key) => this.#breakers.get(key)?.state ?? []);
      const worst = (['isolated', 'open', 'half-open', 'closed'] as const).find((state) => states.includes(state));
      components[name] = component.health.snapshot(name, worst);
    }
    return systemHealth(components, Object.fromEntries([...this.#breakers].map(([key, breaker]) => [key, breaker.state])));
  }

  #planFor(name: string, options: ExecuteOptions<unknown>): CallPlan {
    const known = this.#prepared.get(name);
    if (known !== undefined && sameSettings(known.options, options)) return known.plan;
    const plan = this.#makePlan(name, options);
    const { profile, retry, idempotent, idempotencyKey, breaker, bulkhead, hedge } = options;
    // Copied: an options object that is changed later is another set of options.
    this.#prepared.set(name, { plan, options: { profile, retry: retry && { ...retry }, idempotent, idempotencyKey: idempotencyKey && 'given', breaker, bulkhead: bulkhead && { ...bulkhead }, hedge: hedge && { ...hedge } } });
    return plan;
  }

  #makePlan(name: string, options: ExecuteOptions<unknown>): CallPlan {
    const profileName = options.profile ?? 'API';
    const profile = this.#profiles[profileName];
    const service = serviceOf(name);
    const retry = options.retry === undefined ? profile.retry : resolveRetryConfig(profile.retry, options.retry);
    const component = this.#components.get(service) ?? this.#components.set(service, new Component(service, this.#clock));
    const monitor = new CallMonitor({
      name,
      profile: profileName,
      agentEvents: profile.agentEvents,
      clock: this.#clock,
      component,
      events: this.events,
      onHookError: this.#onListenerError,
    });
    const common = { name, clock: this.#clock, rng: this.#rng, timeouts: timeoutQueueOf(this.#clock), observer: monitor };
    if (!this.enabled) {
      return { ...common, retry: { ...retry, maxAttempts: 1 }, idempotent: false, breaker: undefined, bulkhead: undefined, budget: undefined, hedge: undefined };
    }
    const breakerKey = options.breaker ?? service;
    const breaker = breakerKey === false || retry.breaker === false ? undefined : this.#breakerFor(breakerKey, retry.breaker);
    if (breaker !== undefined) component.breakerKeys.add(breaker.key);
    const bulkhead = options.bulkhead ?? profile.bulkhead;
    const hedge = options.hedge ?? profile.hedge;
    if (bulkhead !== false) component.bulkhead ??= new Bulkhead(service, bulkhead);
    if (retry.budget !== false) component.budget ??= new RetryBudget(this.#clock, retry.budget);
    return {
      ...common,
      retry,
      idempotent: options.idempotent ?? (options.idempotencyKey === undefined ? profile.idempotent : true),
      breaker,
      bulkhead: bulkhead === false ? undefined : component.bulkhead,
      budget: retry.budget === false ? undefined : component.budget,
      hedge: hedge === false ? undefined : Object.freeze({ ...hedge }),
    };
  }

  #breakerFor(key: string, settings: Partial<BreakerConfig>): CircuitBreaker {
    const known = this.#breakers.get(key);
    if (known === undefined) return this.#breakers.set(key, this.#newBreaker(key, settings));
    if (this.#unconfigured.delete(key)) known.reconfigure({ ...settings, ...this.#breakerSettings[key] });
    return known;
  }

  #newBreaker(key: string, settings: Partial<BreakerConfig>): CircuitBreaker {
    return new CircuitBreaker({
      key,
      clock: this.#clock,
      rng: this.#rng,
      config: { ...settings, ...this.#breakerSettings[key] },
      onTransition: (transition) => this.events.emit({ type: 'breaker.transition', ...transition }),
    });
  }
}

/** Whether a plan made from `known` also serves `options`. Compares contents: callers write their options as literals. */
function sameSettings(known: ExecuteOptions<unknown>, options: ExecuteOptions<unknown>): boolean {
  return (
    known.profile === options.profile &&
    known.idempotent === options.idempotent &&
    known.breaker === options.breaker &&
    (known.idempotencyKey === undefined) === (options.idempotencyKey === undefined) &&
    sameFields(known.retry, options.retry) &&
    sameFields(known.bulkhead, options.bulkhead) &&
    sameFields(known.hedge, options.hedge)
  );
}

function sameFields(known: object | false | undefined, given: object | false | undefined): boolean {
  if (typeof known !== 'object' || typeof given !== 'object') return known === given;
  // `for in` over both, since it allocates nothing; neither has inherited fields that count.
  for (const key in given) if (known[key as keyof typeof known] !== given[key as keyof typeof given]) return false;
  for (const key in known) if (!(key in given)) return false;
  return true;
}

function guarded(onError: ((error: unknown) => void) | undefined): (error: unknown) => void {
  return (error) => {
    try {
      onError?.(error);
    } catch {
      // It is the place where errors of listeners are reported; there is none beyond it.
    }
  };
}
