import { defaultRetryConfig, resolveRetryConfig, type RetryConfig } from './retry/retry-config.ts';
import type { BulkheadConfig } from './bulkhead.ts';
import type { HedgeConfig } from './hedge.ts';

export type ProfileName = 'DATABASE' | 'LLM' | 'AGENT' | 'API' | 'WEBSOCKET' | 'FILE';

/** How calls to one kind of dependency are treated: plain frozen data. */
export interface Profile {
  readonly retry: RetryConfig;
  /** Whether a call may be repeated although the dependency may have carried it out already. */
  readonly idempotent: boolean;
  /** Whether agent_thinking, agent_completed and agent_error are emitted: they go to users' WebSockets. */
  readonly agentEvents: boolean;
  /** Slots for each dependency, or false for no limit. */
  readonly bulkhead: BulkheadConfig | false;
  /** For reads only; false = never. */
  readonly hedge: HedgeConfig | false;
}

export interface ProfileOverride {
  readonly retry?: Partial<RetryConfig>;
  readonly idempotent?: boolean;
  readonly agentEvents?: boolean;
  readonly bulkhead?: BulkheadConfig | false;
  readonly hedge?: HedgeConfig | false;
}

const retry = (overrides: Partial<RetryConfig>): RetryConfig => Object.freeze({ ...defaultRetryConfig, ...overrides });

export const defaultProfiles: Readonly<Record<ProfileName, Profile>> = Object.freeze({
  DATABASE: Object.freeze({
    retry: retry({ maxAttempts: 3, baseDelayMs: 50, maxDelayMs: 2_000, attemptTimeoutMs: 5_000, totalTimeoutMs: 15_000, breaker: { threshold: 5, recoveryMs: 30_000 } }),
    idempotent: false,
    agentEvents: true,
    bulkhead: false,
    hedge: false,
  }),
  LLM: Object.freeze({
    retry: retry({
      maxAttempts: 3,
      strategy: 'decorrelated',
      jitter: 'none',
      baseDelayMs: 500,
      maxDelayMs: 20_000,
      attemptTimeoutMs: 60_000,
      totalTimeoutMs: 180_000,
      perErrorKind: { 'rate-limit': { baseDelayMs: 1_000, maxDelayMs: 60_000 } },
      breaker: { threshold: 5, recoveryMs: 60_000 },
    }),
    idempotent: false,
    agentEvents: false,
    bulkhead: { maxConcurrent: 16, maxQueued: 1_000 },
    hedge: false,
  }),
  AGENT: Object.freeze({
    retry: retry({ maxAttempts: 3, baseDelayMs: 200, maxDelayMs: 5_000, attemptTimeoutMs: 120_000, totalTimeoutMs: 300_000, breaker: { threshold: 3, recoveryMs: 60_000 } }),
    idempotent: true,
    agentEvents: true,
    bulkhead: false,
    hedge: false,
  }),
  API: Object.freeze({
    retry: retry({ maxAttempts: 3, baseDelayMs: 200, maxDelayMs: 10_000, attemptTimeoutMs: 10_000, totalTimeoutMs: 30_000, breaker: { threshold: 5, recoveryMs: 60_000 } }),
    idempotent: false,
    agentEvents: true,
    bulkhead: false,
    hedge: false,
  }),
  WEBSOCKET: Object.freeze({
    retry: retry({ maxAttempts: 5, jitter: 'equal', baseDelayMs: 250, maxDelayMs: 10_000, attemptTimeoutMs: 10_000, totalTimeoutMs: 60_000, breaker: { threshold: 5, recoveryMs: 15_000 } }),
    idempotent: true,
    agentEvents: true,
    bulkhead: false,
    hedge: false,
  }),
  FILE: Object.freeze({
    retry: retry({ maxAttempts: 3, strategy: 'linear', jitter: 'proportional', baseDelayMs: 20, maxDelayMs: 500, attemptTimeoutMs: 5_000, totalTimeoutMs: 10_000, breaker: false }),
    idempotent: true,
    agentEvents: true,
    bulkhead: false,
    hedge: false,
  }),
});

/**
 * The default profiles with `overrides` on top, field by field.
 * @throws ReliabilityConfigError
 */
export function resolveProfiles(overrides: Partial<Record<ProfileName, ProfileOverride>> = {}): Readonly<Record<ProfileName, Profile>> {
  const resolved = { ...defaultProfiles };
  for (const [name, override] of Object.entries(overrides) as [ProfileName, ProfileOverride][]) {
    const base = defaultProfiles[name];
    resolved[name] = Object.freeze({
      retry: resolveRetryConfig(base.retry, override.retry),
      idempotent: override.idempotent ?? base.idempotent,
      agentEvents: override.agentEvents ?? base.agentEvents,
      bulkhead: override.bulkhead ?? base.bulkhead,
      hedge: override.hedge ?? base.hedge,
    });
  }
  return Object.freeze(resolved);
}
