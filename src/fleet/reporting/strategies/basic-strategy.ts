import { modelCanBeAsked, type AvailableData, type ReportStrategy } from './strategy.ts';

/** No action items: with most of the data missing they would send people in a wrong direction. */
export class BasicStrategy implements ReportStrategy {
  readonly level = 'BASIC';
  readonly sections = ['summary', 'data_analysis', 'recommendations'] as const;
  readonly asksModel = true;
  readonly needs = 'the model, and at least one fact';

  accepts(available: AvailableData): boolean {
    return modelCanBeAsked(available) && available.facts > 0;
  }
}
