import { BasicStrategy } from './basic-strategy.ts';
import { FallbackStrategy } from './fallback-strategy.ts';
import { FullStrategy } from './full-strategy.ts';
import { MinimalStrategy } from './minimal-strategy.ts';
import { StandardStrategy } from './standard-strategy.ts';
import type { AvailableData, ReportStrategy } from './strategy.ts';

/** From the fullest to the one that always can be done; the last needs nothing. */
export const reportStrategies = [new FullStrategy(), new StandardStrategy(), new BasicStrategy(), new MinimalStrategy(), new FallbackStrategy()] as const satisfies readonly ReportStrategy[];

export const fallbackStrategy: ReportStrategy = reportStrategies[4];

/** The fullest strategy that what there is allows, from `atMost` downwards. */
export function fullestStrategy(available: AvailableData, atMost?: ReportStrategy): ReportStrategy {
  const from = atMost === undefined ? 0 : reportStrategies.findIndex((strategy) => strategy.level === atMost.level);
  return reportStrategies.slice(from).find((strategy) => strategy.accepts(available)) ?? fallbackStrategy;
}
