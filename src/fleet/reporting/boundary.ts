import type { SectionName } from '../jobs/job.ts';

/** The points between which an attempt has nothing half-done, in the order in which it passes them. */
export type BoundaryName =
  | `section.before:${SectionName}`
  | `section.generated:${SectionName}`
  /** Redis has confirmed the section's checkpoint: no later attempt asks the model for this section again. */
  | `checkpoint.acknowledged:${SectionName}`
  | 'report.before_store'
  | 'report.stored';

/**
 * Told about every boundary; where it returns a promise, the attempt waits for it there. Must not
 * reject. For tests that stop a host exactly there, and for whoever wants to watch that closely.
 */
export type BoundaryHook = (name: BoundaryName, jobId: string) => void | Promise<void>;
