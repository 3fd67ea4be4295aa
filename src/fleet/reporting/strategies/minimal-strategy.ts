import type { AvailableData, ReportStrategy } from './strategy.ts';

/** The facts, set out by templates: what can be said without a model. */
export class MinimalStrategy implements ReportStrategy {
  readonly level = 'MINIMAL';
  readonly sections = ['summary', 'data_analysis'] as const;
  readonly asksModel = false;
  readonly needs = 'at least one fact';

  accepts(available: AvailableData): boolean {
    return available.facts > 0;
  }
}
