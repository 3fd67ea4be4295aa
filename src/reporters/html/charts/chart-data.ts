/** What the page's script draws, and the tables under the charts list. Times are `mono_ms` of the journal. */

/** From a time on, until the next step. */
export interface LevelStep {
  readonly atMs: number;
  /** null: the host is not there. */
  readonly level: number | null;
  readonly reason: string;
  /** Of the event that brought it about. */
  readonly seq: number;
}
export interface LevelLine {
  readonly name: string;
  readonly steps: readonly LevelStep[];
}

/** A stretch of a lane. `state` is its word, and chooses its colour. */
export interface Segment {
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: string;
  readonly text: string;
  readonly seq: number;
}
export interface Lane {
  readonly name: string;
  readonly segments: readonly Segment[];
}

/** Something that happened at one time. */
export interface Mark {
  readonly atMs: number;
  readonly kind: 'exit' | 'start' | 'resume';
  readonly text: string;
  readonly seq: number;
}

export interface LatencyPoint {
  readonly atMs: number;
  readonly p50Ms: number;
  readonly maxMs: number;
  readonly calls: number;
  readonly failures: number;
  readonly seq: number;
}
export interface LatencyLine {
  readonly dependency: string;
  readonly points: readonly LatencyPoint[];
}

export interface RunCharts {
  /** What comes before is the start of services and hosts: there is nothing to draw yet. */
  readonly startMs: number;
  readonly endMs: number;
  readonly levels: readonly LevelLine[];
  readonly breakers: readonly Lane[];
  readonly latency: readonly LatencyLine[];
  readonly faults: readonly Lane[];
  readonly jobs: readonly Lane[];
  /** Jobs that have no lane, for want of room. */
  readonly jobsLeftOut: number;
  readonly marks: readonly Mark[];
}
