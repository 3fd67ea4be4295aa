/** One thing wrong with what the user gave: where it stands, what is wrong, how to mend it. */
export interface Problem {
  /** Flag, `file`, `file:line` or `file:line:column` (1-based); a flag as typed: `--jobs`. */
  readonly where: string;
  readonly what: string;
  readonly fix: string;
}

/** Collects problems so that all are reported at once, before anything is started. */
export class Problems {
  readonly list: Problem[] = [];

  add(where: string, what: string, fix: string): void {
    this.list.push({ where, what, fix });
  }

  get any(): boolean {
    return this.list.length > 0;
  }
}

/** One line a problem: `where: what; fix`. */
export function formatProblem(problem: Problem): string {
  return `${problem.where}: ${problem.what}; ${problem.fix}`;
}

/** The nearest of `known` to what was typed, for "did you mean"; undefined where none is near. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(typed.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein (1965), two rows. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const substitution = (previous[column - 1] as number) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] as number) + 1, (current[column - 1] as number) + 1));
    }
    previous = current;
  }
  return previous[right.length] as number;
}
