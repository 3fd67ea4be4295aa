import type { KeyPress } from './key-help.ts';

const graphemes = new Intl.Segmenter();

/** Keys that a terminal sends as one character, and that mean something else than it. */
const named: Readonly<Record<string, Partial<KeyPress>>> = { '\t': { tab: true }, '\r': { return: true }, '\u007F': { backspace: true } };

/**
 * One press for each key. Keys that come faster than they are read, held down ones or pasted text, arrive in one piece, and
 * Ink hands that on as it is.
 */
export function pressesOf(press: KeyPress): readonly KeyPress[] {
  const characters = Array.from(graphemes.segment(press.input), ({ segment }) => segment);
  if (characters.length <= 1) return [press];
  return characters.map((character) => {
    const name = named[character];
    return name === undefined ? { ...press, input: character } : { ...press, input: '', ...name };
  });
}
