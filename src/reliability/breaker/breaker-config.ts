import { Problems } from '../../core/problems.ts';
import { ReliabilityConfigError } from '../errors.ts';
import { KeyedRegistry } from '../keyed-registry.ts';

export interface BreakerConfig {
  /** What opens it: failures in a row, or the failure rate of the last `windowCalls` calls or `windowMs` milliseconds. */
  readonly kind: 'consecutive' | 'count' | 'time';
  /** `consecutive`: failures in a row that open it. @default 5 */
  readonly threshold: number;
  /** `count`: calls that the window holds. @default 100 */
  readonly windowCalls: number;
  /** `time`: milliseconds that the window holds. @default 10000 */
  readonly windowMs: number;
  /** `count` and `time`: share of failed calls that opens it, 0–1. @default 0.5 */
  readonly failureRate: number;
  /** `count` and `time`: calls in the window below which no rate is judged. @default 10 */
  readonly minCalls: number;
  /** Calls that take longer are slow, in milliseconds; Infinity = none are. `consecutive` counts a slow call as a failure. @default Infinity */
  readonly slowCallMs: number;
  /** `count` and `time`: share of slow calls that opens it, 0–1. @default 1 */
  readonly slowCallRate: number;
  /** Milliseconds that it stays open. @default 60000 */
  readonly recoveryMs: number;
  /** Factor by which each failed probe lengthens the next open time; 1 = always the same. @default 1 */
  readonly recoveryMultiplier: number;
  /** Cap on the lengthened open time. @default 300000 */
  readonly maxRecoveryMs: number;
  /** Share by which the open time is lengthened at random, so that many processes do not probe at once, 0–1. @default 0 */
  readonly recoveryJitter: number;
  /** Calls admitted at a time while half-open. @default 1 */
  readonly maxProbes: number;
  /** Successful probes that close it. @default 1 */
  readonly probeSuccesses: number;
  /** Milliseconds after which the permit of a probe that has not answered is free again, and its late answer ignored; also the longest that a ramp lasts. @default 30000 */
  readonly probeLeaseMs: number;
  /** After closing, admit 1, 2, 4 … calls at a time instead of everyone at once, up to this many; 0 = no ramp. @default 64 */
  readonly rampSlots: number;
}

export const defaultBreakerConfig: BreakerConfig = Object.freeze({
  kind: 'consecutive',
  threshold: 5,
  windowCalls: 100,
  windowMs: 10_000,
  failureRate: 0.5,
  minCalls: 10,
  slowCallMs: Infinity,
  slowCallRate: 1,
  recoveryMs: 60_000,
  recoveryMultiplier: 1,
  maxRecoveryMs: 300_000,
  recoveryJitter: 0,
  maxProbes: 1,
  probeSuccesses: 1,
  probeLeaseMs: 30_000,
  rampSlots: 64,
});

/** Equal settings are one object: ten thousand breakers of a profile would otherwise hold ten thousand copies. */
const shared = new KeyedRegistry<BreakerConfig>(256);

/**
 * The defaults with `overrides`, checked, copied and frozen.
 * @throws ReliabilityConfigError naming every impossible value
 */
export function resolveBreakerConfig(overrides: Partial<BreakerConfig> = {}): BreakerConfig {
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
  if (given.length === 0) return defaultBreakerConfig;
  const problems = new Problems();
  validateBreakerConfig(overrides, '', problems);
  if (problems.any) throw new ReliabilityConfigError(problems.list);
  const config: BreakerConfig = Object.freeze({ ...defaultBreakerConfig, ...Object.fromEntries(given) });
  const key = Object.keys(defaultBreakerConfig)
    .map((field) => config[field as keyof BreakerConfig])
    .join(' ');
  return shared.get(key) ?? shared.set(key, config);
}

export function validateBreakerConfig(config: Partial<BreakerConfig>, prefix: string, problems: Problems): void {
  const check = (field: keyof BreakerConfig, holds: (value: number) => boolean, fix: string): void => {
    const value = config[field];
    if (value !== undefined && !(typeof value === 'number' && holds(value))) problems.add(`${prefix}${field}`, `is ${value}`, fix);
  };
  if (config.kind !== undefined && !['consecutive', 'count', 'time'].includes(config.kind)) {
    problems.add(`${prefix}kind`, `is "${config.kind}"`, 'use consecutive, count or time');
  }
  for (const field of ['threshold', 'windowCalls', 'minCalls', 'maxProbes', 'probeSuccesses'] as const) {
    check(field, (value) => Number.isInteger(value) && value >= 1, 'use a whole number from 1');
  }
  for (const field of ['windowMs', 'recoveryMs', 'maxRecoveryMs', 'probeLeaseMs'] as const) {
    check(field, (value) => Number.isFinite(value) && value > 0, 'use finite milliseconds above 0');
  }
  for (const field of ['failureRate', 'slowCallRate'] as const) check(field, (value) => value > 0 && value <= 1, 'use a share above 0, up to 1');
  check('recoveryJitter', (value) => value >= 0 && value <= 1, 'use a share from 0 to 1');
  check('recoveryMultiplier', (value) => Number.isFinite(value) && value >= 1, 'use a number from 1');
  check('slowCallMs', (value) => value > 0, 'use milliseconds above 0, or Infinity');
  check('rampSlots', (value) => Number.isInteger(value) && value >= 0, 'use a whole number from 0');
  if ((config.minCalls ?? 0) > (config.windowCalls ?? Infinity) && config.kind === 'count') {
    problems.add(`${prefix}minCalls`, `is above windowCalls (${config.windowCalls}): it would never open`, 'lower minCalls or raise windowCalls');
  }
}
