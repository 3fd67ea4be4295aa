import { stripVTControlCharacters } from 'node:util';

const characters = new Intl.Segmenter('en');

/** As a reader counts: colours are nothing, what is composed of several code points is one. */
export function characterCount(line: string): number {
  return Array.from(characters.segment(stripVTControlCharacters(line))).length;
}
