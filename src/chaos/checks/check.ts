import type { JournalEvent, VerdictStatus } from '../../journal/events.ts';

export interface Judgement {
  readonly status: VerdictStatus;
  /** One sentence with figures: what was judged, or what broke it. */
  readonly detail: string;
  /** Journal lines (`seq`) or names that show it. */
  readonly evidence: readonly string[];
}

/** An invariant: a pure function of a finished journal. Nothing to judge means `unknown`, never `pass`. */
export interface Invariant {
  /** As in reports and in scenario files; also the file's name. */
  readonly name: string;
  readonly summary: string;
  judge(events: readonly JournalEvent[]): Judgement;
}

/** Types an invariant without changing it. */
export function defineInvariant(invariant: Invariant): Invariant {
  return invariant;
}

export interface CheckResult extends Judgement {
  readonly check: string;
  /** Why the scenario puts up with its failure: set where a check that failed was waived; its status is `pass` then, and its detail tells of both. */
  readonly waived?: string;
}

/** A check that throws has not judged. */
export function judgeAll(invariants: readonly Invariant[], events: readonly JournalEvent[]): CheckResult[] {
  return invariants.map((invariant) => {
    try {
      return { check: invariant.name, ...invariant.judge(events) };
    } catch (error) {
      return { check: invariant.name, status: 'unknown', detail: `the check itself failed: ${error instanceof Error ? error.message : String(error)}`, evidence: [] };
    }
  });
}

/** fail > unknown > pass; no checks at all is unknown. */
export function mergeVerdicts(statuses: readonly VerdictStatus[]): VerdictStatus {
  if (statuses.includes('fail')) return 'fail';
  return statuses.length === 0 || statuses.includes('unknown') ? 'unknown' : 'pass';
}
