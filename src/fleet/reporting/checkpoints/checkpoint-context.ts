import type { SectionName } from '../../jobs/job.ts';

/** What one attempt at one run keeps its checkpoints by. */
export interface CheckpointContext {
  readonly userId: string;
  /** The job's `run_id`. */
  readonly jobId: string;
  readonly correlationId: string;
  /** Hash of what the sections are written from (`planHash`); checkpoints of another plan are foreign. */
  readonly planHash: string;
  readonly totalSections: number;
  /**
   * Called once for each section, when Redis has confirmed it, also where that happens later than
   * `saveSection` answered. Later checkpoints wait for the promise it returns; generation does not.
   */
  readonly onAcknowledged?: (section: SectionName) => void | Promise<void>;
}
