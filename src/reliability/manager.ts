import type { Clock } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import type { Rng } from '../core/rng.ts';
import type { BreakerConfig } from './breaker/breaker-config.ts';
import type { BreakerStateKind } from './breaker/breaker-state.ts';
import { CircuitBreaker } from './breaker/circuit-breaker.ts';
import { Bulkhead } from './bulkhead.ts';
import { runCall, type Operation } from './call/call.ts';
import type { CallPlan } from './call/call-plan.ts';
import { CallMonitor } from './call-monitor.ts';
import { Component, type KeyedBreaker } from './component.ts';
import { ReliabilityConfigError } from './errors.ts';
import type { ReliabilityEvent } from './events.ts';
import { copySettings, sameSettings, type CallSettings, type ExecuteOptions } from './execute-options.ts';
import type { ComponentHealth } from './health/component-health.ts';
import { systemHealth, type SystemHealth } from './health/system-health.ts';
import { KeyedRegistry, type Slot } from './keyed-registry.ts';
import { resolveProfiles, type Profile, type ProfileName, type ProfileOverride } from './profiles.ts';
import { RetryBudget } from './retry/retry-budget.ts';
import { resolveRetryConfig } from './retry/retry-config.ts';
import { serviceOf } from './service-name.ts';
import { timeoutQueueOf, type TimeoutQueue } from './timeout/timeout-queue.ts';

export interface ReliabilityManagerOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  /** false = one attempt, no breaker, bulkhead, hedge or fallback; timeouts, abort, events and health stay. @default true */
  readonly enabled?: boolean;
  /** Single mechanisms, over what `enabled` says of them. @default retry and breaker as `enabled`, timeout true */
  readonly mechanisms?: Partial<CallMechanisms>;
  readonly profiles?: Partial<Record<ProfileName, ProfileOverride>>;
  /** Settings of single breakers, over those of the profiles. */
  readonly breakers?: Readonly<Record<string, Partial<BreakerConfig>>>;
  /** Told what listeners and hooks throw; such errors never reach a call. */
  readonly onListenerError?: (error: unknown) => void;
  /** Dependencies remembered at a time; those used longest ago are forgotten first, never an open circuit. @default 10000 */
  readonly maxKeys?: number;
}

/** What can be switched off by itself. */
export interface CallMechanisms {
  /** Off = one attempt, no hedge. */
  readonly retry: boolean;
  /** Off = no call is refused, and no breaker exists. */
  readonly breaker: boolean;
  /** Off = no time limit of an attempt or a call, and no deadline: only its caller's signal ends a call. */
  readonly timeout: boolean;
}

/** What a call of one name needs, kept from one call to the next. */
interface Prepared {
  readonly settings: CallSettings;
  readonly plan: CallPlan;
  readonly component: Slot<Component>;
  readonly breaker: Slot<KeyedBreaker> | undefined;
}

const NO_OPTIONS: ExecuteOptions<never> = Object.freeze({});

/** The one way to call anything outside the process: retries, breaker, timeouts, fallback, events and health in one call. */
export class ReliabilityManager {
  readonly events: Emitter<ReliabilityEvent>;
  readonly mechanisms: CallMechanisms;
  readonly #enabled: boolean;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #timeouts: TimeoutQueue;
  readonly #profiles: Readonly<Record<ProfileName, Profile>>;
  readonly #breakerSettings: Readonly<Record<string, Partial<BreakerConfig>>>;
  readonly #onListenerError: (error: unknown) => void;
  readonly #prepared: KeyedRegistry<Prepared>;
  readonly #components: KeyedRegistry<Component>;
  readonly #breakers: KeyedRegistry<KeyedBreaker>;

  /** @throws ReliabilityConfigError */
  constructor(options: ReliabilityManagerOptions) {
    const maxKeys = options.maxKeys ?? 10_000;
    this.#clock = options.clock;
    this.#rng = options.rng;
    const enabled = options.enabled ?? true;
    this.#enabled = enabled;
    this.mechanisms = Object.freeze({ retry: enabled, breaker: enabled, timeout: true, ...options.mechanisms });
    this.#timeouts = timeoutQueueOf(options.clock);
    this.#profiles = resolveProfiles(options.profiles);
    this.#breakerSettings = structuredClone(options.breakers ?? {});
    this.#onListenerError = guarded(options.onListenerError);
    this.events = new Emitter(this.#onListenerError);
    this.#prepared = new KeyedRegistry(maxKeys);
    this.#components = new KeyedRegistry(maxKeys, ({ bulkhead }) => (bulkhead?.inFlight ?? 0) > 0);
    this.#breakers = new KeyedRegistry(maxKeys, ({ breaker }) => breaker.state !== 'closed');
  }

  /**
   * Calls `operation` as its profile says and settles as it finally does: with its value, a
   * fallback's, its own last error, the abort reason of the caller, or a CircuitBreakerOpenError,
   * BulkheadFullError, TimeoutError or DeadlineExceededError. Never throws, always rejects.
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
    return runCall(plan, operation, this.#enabled || options.fallback === undefined ? options : { ...options, fallback: undefined });
  }

  /** The breaker of `key`. Made where no call has used it yet; the first call then brings its settings. */
  breaker(key: string): CircuitBreaker {
    return this.#breakers.slotOr(key, () => ({ breaker: this.#newBreaker(key, {}), services: new Set(), configured: false })).value.breaker;
  }

  /** The health of everything called so far. */
  health(): SystemHealth {
    const breakers: Record<string, BreakerStateKind> = {};
    const states = new Map<string, BreakerStateKind[]>();
    for (const [key, { breaker, services }] of this.#breakers) {
      breakers[key] = breaker.state;
      for (const service of services) states.set(service, [...(states.get(service) ?? []), breaker.state]);
    }
    const components: Record<string, ComponentHealth> = {};
    for (const [name, { health }] of this.#components) {
      const worst = (['isolated', 'open', 'half-open', 'closed'] as const).find((state) => states.get(name)?.includes(state));
      components[name] = health.snapshot(name, worst);
    }
    return systemHealth(components, breakers);
  }

  /** Retries in hand for each service whose calls share a budget. */
  retryBudgets(): ReadonlyMap<string, number> {
    return new Map([...this.#components].flatMap(([service, { budget }]) => (budget === undefined ? [] : [[service, budget.available] as const])));
  }

  #planFor(name: string, options: CallSettings): CallPlan {
    const known = this.#prepared.get(name);
    if (known !== undefined && !known.component.forgotten && known.breaker?.forgotten !== true && sameSettings(known.settings, options)) {
      this.#components.touch(known.component);
      if (known.breaker !== undefined) this.#breakers.touch(known.breaker);
      return known.plan;
    }
    return this.#prepared.set(name, this.#prepare(name, options)).plan;
  }

  #prepare(name: string, options: CallSettings): Prepared {
    const profileName = options.profile ?? 'API';
    const profile = this.#profiles[profileName];
    const service = serviceOf(name);
    const { mechanisms } = this;
    const wanted = options.retry === undefined ? profile.retry : resolveRetryConfig(profile.retry, options.retry);
    const retry = {
      ...wanted,
      ...(mechanisms.retry ? {} : { maxAttempts: 1 }),
      ...(mechanisms.timeout ? {} : { attemptTimeoutMs: Infinity, totalTimeoutMs: Infinity }),
    };
    const component = this.#components.slotOr(service, () => new Component(service, this.#clock));
    const observer = new CallMonitor({
      name,
      profile: profileName,
      agentEvents: profile.agentEvents,
      clock: this.#clock,
      component: component.value,
      events: this.events,
      onHookError: this.#onListenerError,
    });
    const settings = copySettings(options);
    const key = options.breaker ?? service;
    const breaker = !mechanisms.breaker || key === false || retry.breaker === false ? undefined : this.#configuredBreaker(key, service, retry.breaker);
    const hedge = mechanisms.retry && (options.hedge ?? profile.hedge);
    const plan: CallPlan = {
      name,
      clock: this.#clock,
      rng: this.#rng,
      timeouts: this.#timeouts,
      observer,
      timeLimits: mechanisms.timeout,
      retry,
      idempotent: options.idempotent ?? (options.idempotencyKey === undefined ? profile.idempotent : true),
      breaker: breaker?.value.breaker,
      bulkhead: this.#enabled ? bulkheadOf(component.value, options.bulkhead ?? profile.bulkhead) : undefined,
      budget: !mechanisms.retry || retry.budget === false ? undefined : (component.value.budget ??= new RetryBudget(this.#clock, retry.budget)),
      hedge: hedge === false ? undefined : Object.freeze({ ...hedge }),
    };
    return { settings, plan, component, breaker };
  }

  #configuredBreaker(key: string, service: string, settings: Partial<BreakerConfig>): Slot<KeyedBreaker> {
    const slot = this.#breakers.slotOr(key, () => ({ breaker: this.#newBreaker(key, settings), services: new Set(), configured: true }));
    slot.value.services.add(service);
    if (!slot.value.configured) {
      slot.value.configured = true;
      slot.value.breaker.reconfigure({ ...settings, ...this.#breakerSettings[key] });
    }
    return slot;
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

/** The component's bulkhead; the settings of the first call that has any count for all. */
function bulkheadOf(component: Component, config: Profile['bulkhead']): Bulkhead | undefined {
  if (config === false) return undefined;
  component.bulkhead ??= new Bulkhead(component.name, config);
  return component.bulkhead;
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
