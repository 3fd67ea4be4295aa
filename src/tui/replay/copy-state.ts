import { Ring } from '../model/ring.ts';
import type { ScreenState } from '../model/screen-state.ts';

/**
 * Shares nothing with `state` that a fold changes. Whole, whatever a fold may come to keep: a list of members
 * here would be one more place to forget one. The items of rings are never changed, and are shared.
 */
export function copyState(state: ScreenState): ScreenState {
  return copyOf(state) as ScreenState;
}

function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  if (value instanceof Ring) return value.copy();
  if (value instanceof Set) return new Set(value);
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>();
    for (const [key, item] of value) copy.set(key, copyOf(item));
    return copy;
  }
  const copy: Record<string, unknown> = { ...value };
  for (const key in copy) if (typeof copy[key] === 'object') copy[key] = copyOf(copy[key]);
  return copy;
}
