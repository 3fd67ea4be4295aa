import type { ReportLevel, SectionName } from '../../jobs/job.ts';

/** What there is to make a report from, at one moment of its making. */
export interface AvailableData {
  readonly facts: number;
  /** Agents that gave at least one fact. */
  readonly agentsWithFacts: number;
  /** Agents that were asked, with or without success. */
  readonly agentsAsked: number;
  readonly missing: readonly string[];
  /**
   * False once the model has failed at this report beyond what retrying mends. Learned from calls only: a
   * state that nobody probes would keep every later report from asking.
   */
  readonly modelAvailable: boolean;
  /** Infinity without a deadline. */
  readonly remainingMs: number;
}

/** One way to make a report: which sections it has, and what has to be there for it. */
export interface ReportStrategy {
  readonly level: ReportLevel;
  /** In the order in which a reader sees them. */
  readonly sections: readonly SectionName[];
  /** False: every section is made from templates, without asking the model. */
  readonly asksModel: boolean;
  readonly needs: string;
  accepts(available: AvailableData): boolean;
}

/** Less than this left, and a section is not worth asking a model for. */
export const leastModelTimeMs = 1_000;

export function modelCanBeAsked(available: AvailableData): boolean {
  return available.modelAvailable && available.remainingMs >= leastModelTimeMs;
}
