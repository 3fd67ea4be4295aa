import { sectionNames } from '../../jobs/job.ts';
import { modelCanBeAsked, type AvailableData, type ReportStrategy } from './strategy.ts';

export class StandardStrategy implements ReportStrategy {
  readonly level = 'STANDARD';
  readonly sections = sectionNames;
  readonly asksModel = true;
  readonly needs = 'the model, and facts from at least half of the agents asked';

  accepts(available: AvailableData): boolean {
    return modelCanBeAsked(available) && available.facts > 0 && available.agentsWithFacts * 2 >= available.agentsAsked;
  }
}
