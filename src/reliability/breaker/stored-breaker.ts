import { BreakerStateError } from '../errors.ts';
import type { BreakerState } from './breaker-state.ts';

/** Version of the exported form; a reader refuses every other. */
export const STORED_BREAKER_VERSION = 1;

/** A breaker as JSON. Only wall-clock times: the monotonic clock of another process means nothing here. */
export interface StoredBreaker {
  readonly v: typeof STORED_BREAKER_VERSION;
  readonly key: string;
  /** Milliseconds since the epoch at which this was taken. */
  readonly taken_at: number;
  readonly state: StoredState;
  readonly window_kind: string;
  readonly window: readonly number[];
}

export type StoredState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; /** Milliseconds since the epoch. */ readonly until: number; readonly openings: number }
  | { readonly kind: 'isolated'; readonly reason: string };

/** A half-open circuit is stored as open with its time up: the probes under way belong to this process. */
export function storedState(state: BreakerState, nowMs: number, wallMs: number): StoredState {
  if (state.kind === 'closed') return { kind: 'closed' };
  if (state.kind === 'isolated') return { kind: 'isolated', reason: state.reason };
  const leftMs = state.kind === 'open' ? Math.max(0, state.untilMs - nowMs) : 0;
  return { kind: 'open', until: Math.round(wallMs + leftMs), openings: state.openings };
}

/**
 * Reads what `CircuitBreaker.toJSON` gave, from text or an object.
 * @throws BreakerStateError naming what is wrong
 */
export function parseStoredBreaker(stored: unknown): StoredBreaker {
  const value = typeof stored === 'string' ? parseJson(stored) : stored;
  if (!isRecord(value)) throw new BreakerStateError('is no JSON object');
  if (value['v'] !== STORED_BREAKER_VERSION) throw new BreakerStateError(`has version ${String(value['v'])}, this program reads ${STORED_BREAKER_VERSION}`);
  const { key, taken_at, state, window, window_kind } = value;
  if (typeof key !== 'string') throw new BreakerStateError('key is no string');
  if (!isTime(taken_at)) throw new BreakerStateError('taken_at is no time');
  if (typeof window_kind !== 'string') throw new BreakerStateError('window_kind is no string');
  if (!Array.isArray(window) || !window.every((entry) => typeof entry === 'number' && Number.isFinite(entry))) throw new BreakerStateError('window is no list of numbers');
  return { v: STORED_BREAKER_VERSION, key, taken_at, state: parseState(state), window_kind, window };
}

function parseState(state: unknown): StoredState {
  if (!isRecord(state)) throw new BreakerStateError('state is no object');
  switch (state['kind']) {
    case 'closed':
      return { kind: 'closed' };
    case 'open': {
      const { until, openings } = state;
      if (!isTime(until)) throw new BreakerStateError('state.until is no time');
      if (typeof openings !== 'number' || !Number.isSafeInteger(openings) || openings < 1) throw new BreakerStateError('state.openings is no count');
      return { kind: 'open', until, openings };
    }
    case 'isolated':
      if (typeof state['reason'] !== 'string') throw new BreakerStateError('state.reason is no string');
      return { kind: 'isolated', reason: state['reason'] };
    default:
      throw new BreakerStateError(`state.kind is ${JSON.stringify(state['kind'])}`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BreakerStateError('is no JSON', { cause: error });
  }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
