/**
 * When something begins: at a time after the workload began, once an event of the journal has been seen `count`
 * times since then, or before the hosts are started.
 */
export type Start = { readonly kind: 'at'; readonly atMs: number } | { readonly kind: 'after'; readonly event: string; readonly count: number } | { readonly kind: 'before-fleet' };
/** How long it lasts: for a time, until an event has been seen (counted from the start), or to the end of the workload. */
export type Length = { readonly kind: 'for'; readonly forMs: number } | { readonly kind: 'until'; readonly event: string; readonly count: number } | { readonly kind: 'rest' };

/** One fault of a scenario, with its times; parameters are valid by the fault's own schema. */
export interface PlannedFault {
  /** `<type>-<target>-<number>`, unique in the scenario. */
  readonly id: string;
  readonly type: string;
  /** A service, a host's name or a role; empty where the fault takes none. */
  readonly target: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly start: Start;
  readonly length: Length;
  /** Further times, each `everyMs` after the one before began. @default none */
  readonly repeat?: { readonly times: number; readonly everyMs: number };
  /** Share of the times at which it really happens, drawn from the seed. @default 1 */
  readonly probability: number;
}

/** An expectation with its parameters, valid by its own schema. */
export interface PlannedExpectation {
  readonly check: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface Workload {
  readonly jobs: number;
  /** Asked by every job; without it, the seed picks questions. */
  readonly question?: string;
  readonly concurrency: number;
  /** `together`: as concurrency allows; `every`: one each so many milliseconds. */
  readonly arrival: { readonly kind: 'together' } | { readonly kind: 'every'; readonly everyMs: number };
  readonly jobTimeoutMs: number;
}

/** A scenario, read, valid and with every default filled in. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly seed: string;
  /** Path as shown, and the file's text, for the journal's provenance. */
  readonly source: { readonly path: string; readonly text: string };
  readonly workload: Workload;
  /** `environment`: settings that every host gets besides those of the fleet protocol. */
  readonly fleet: { readonly reportingHosts: number; readonly environment: Readonly<Record<string, string>> };
  readonly infra: {
    readonly llmLatencyMs: number;
    readonly llmTokensPerSecond: number;
    /** With external services: hosts beyond this machine that may be broken. */
    readonly allowHosts: readonly string[];
  };
  /** Level 0 on every host and one job that succeeds, before the first fault and after the last. */
  readonly steadyState: { readonly withinMs: number };
  readonly faults: readonly PlannedFault[];
  readonly expectations: readonly PlannedExpectation[];
  /** Ends the run early: a level that lasts, or too many failed jobs. */
  readonly guardrails: readonly { readonly kind: 'level'; readonly atLeast: number; readonly lastsMs: number }[];
  readonly timeLimitMs: number;
  /** Always-on checks that this scenario is known to break, each with its reason. */
  readonly waivers: readonly { readonly check: string; readonly reason: string }[];
}
