import type { Deadline } from '../../core/deadline.ts';

/** What every external call is told: who asks, until when, and how to stop it. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly deadline?: Deadline;
  readonly correlationId?: string;
}

/** A dependency as a host sees it now. `reason` says why it is down, in one sentence. */
export type DependencyState = { readonly up: true } | { readonly up: false; readonly sinceMs: number; readonly reason: string };
