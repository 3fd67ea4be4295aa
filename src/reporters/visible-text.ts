/** Control characters that could drive a terminal or a log viewer, and characters that no encoding has, as `\x1b`; line breaks stay. */
export function visibleText(text: string): string {
  return text.replaceAll('\r\n', '\n').toWellFormed().replaceAll(/(?![\n\t])[\p{Cc}\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/gu, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16);
  return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code}`;
}

/** On one line. */
export function oneLine(text: string): string {
  return visibleText(text).replaceAll(/\s+/g, ' ').trim();
}

/** 1534 → `1.53 s` */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(2)} s`;
}

/** `FULL 3, STANDARD 1`, most frequent first. */
export function levelCounts(byLevel: Readonly<Record<string, number>>): string {
  return (
    Object.entries(byLevel)
      .toSorted(([a, left], [b, right]) => right - left || a.localeCompare(b))
      .map(([level, count]) => `${level} ${count}`)
      .join(', ') || 'none'
  );
}

/** What a fault did, in its own unit: `12 calls`, or why nobody knows. */
export function affectedText({ injected, affected, unit }: { readonly injected: number; readonly affected: number | null; readonly unit: string | null }): string {
  if (injected === 0) return 'never began';
  if (affected === null) return 'not countable';
  return `${affected} ${affected === 1 ? (unit ?? '').replace(/(?:(?<=ss)es|s)$/, '') : (unit ?? '')}`.trim();
}
