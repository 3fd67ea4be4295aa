/**
 * Requirements, F08, as the lab understands it; hosts have a table of their own, and this one is what it is judged by.
 *
 * | down                        | levels                             |
 * |-----------------------------|------------------------------------|
 * | none, or redis or llm alone | 0                                  |
 * | postgres alone              | 1, or 4 where SQLite has failed too |
 * | kafka alone                 | 2                                  |
 * | two or more                 | 3, or 4 with postgres among them   |
 */
export function levelsOf(down: ReadonlySet<string>): readonly number[] {
  const failed = down.has('postgres') ? [4] : [];
  if (down.size >= 2) return [3, ...failed];
  if (down.has('kafka')) return [2];
  return down.has('postgres') ? [1, ...failed] : [0];
}
