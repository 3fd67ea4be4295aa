import { nearest } from './problems.ts';

/** `did you mean "orders"? Known tables: …`, or only the latter where nothing known is near what was typed. */
export function suggest(typed: string, known: readonly string[], otherwise: string): string {
  const near = nearest(typed, known);
  return near === undefined ? otherwise : `did you mean "${near}"? ${otherwise.charAt(0).toUpperCase()}${otherwise.slice(1)}`;
}
