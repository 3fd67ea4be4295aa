/**
 * Nearest rank: the smallest value that at least `percent` of a hundred values do not exceed; undefined without
 * values. `percent` in (0, 100].
 */
export function percentile(values: readonly number[], percent: number): number | undefined {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}
