/**
 * Redis's glob (KEYS, SCAN MATCH, PSUBSCRIBE): `*`, `?`, `[a-c]`, `[^a]`, `\` takes the next
 * character literally. An unclosed `[` ends with the pattern. Linear memory, no backtracking but
 * to the last `*`, so that no pattern can stall the server.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  // The reference server never gets to a star that could match nothing at all.
  if (text === '') return pattern === '';
  let patternAt = 0;
  let textAt = 0;
  let starAt = -1;
  let starTextAt = 0;
  while (textAt < text.length) {
    if (pattern[patternAt] === '*') {
      starAt = patternAt++;
      starTextAt = textAt;
      continue;
    }
    const next = patternAt < pattern.length ? matchOne(pattern, patternAt, text.charCodeAt(textAt)) : undefined;
    if (next !== undefined) {
      patternAt = next;
      textAt++;
    } else if (starAt >= 0) {
      patternAt = starAt + 1;
      textAt = ++starTextAt;
    } else {
      return false;
    }
  }
  while (pattern[patternAt] === '*') patternAt++;
  return patternAt >= pattern.length;
}

/** Where the pattern goes on after one matched character; undefined where it does not match. */
function matchOne(pattern: string, at: number, code: number): number | undefined {
  const character = pattern[at];
  if (character === '?') return at + 1;
  if (character === '[') return matchClass(pattern, at + 1, code);
  const literalAt = character === '\\' && at + 1 < pattern.length ? at + 1 : at;
  return pattern.charCodeAt(literalAt) === code ? literalAt + 1 : undefined;
}

function matchClass(pattern: string, start: number, code: number): number | undefined {
  let at = start;
  const negated = pattern[at] === '^';
  if (negated) at++;
  let found = false;
  for (;;) {
    if (at >= pattern.length) break;
    if (pattern[at] === '\\' && at + 1 < pattern.length) {
      at++;
      if (pattern.charCodeAt(at) === code) found = true;
      at++;
    } else if (pattern[at] === ']') {
      at++;
      break;
    } else if (pattern[at + 1] === '-' && at + 2 < pattern.length) {
      const from = pattern.charCodeAt(at);
      const to = pattern.charCodeAt(at + 2);
      if (code >= Math.min(from, to) && code <= Math.max(from, to)) found = true;
      at += 3;
    } else {
      if (pattern.charCodeAt(at) === code) found = true;
      at++;
    }
  }
  return found === negated ? undefined : at;
}
