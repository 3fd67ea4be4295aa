import { sectionNames } from '../../jobs/job.ts';
import { modelCanBeAsked, type AvailableData, type ReportStrategy } from './strategy.ts';

export class FullStrategy implements ReportStrategy {
  readonly level = 'FULL';
  readonly sections = sectionNames;
  readonly asksModel = true;
  readonly needs = 'the model, and everything that was asked for';

  accepts(available: AvailableData): boolean {
    return modelCanBeAsked(available) && available.facts > 0 && available.missing.length === 0;
  }
}
