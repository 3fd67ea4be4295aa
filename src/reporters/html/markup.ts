import { visibleText } from '../visible-text.ts';

/** Text that is HTML already: made by `html` alone, or said to be so by `trusted`. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value in a template; arrays are joined, `undefined` and `false` leave nothing. */
export type Content = Markup | string | number | undefined | false | readonly Content[];

/** HTML in which every value is escaped, in element content as well as between double quotes; nested markup stays. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(strings.reduce((text, string, index) => text + written(values[index - 1]) + string));
}

/** For texts that are ours: a style sheet, a script. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function written(value: Content): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(written).join('');
  return value === undefined || value === false ? '' : escapeHtml(String(value));
}

function escapeHtml(text: string): string {
  return elementText(text).text.replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

/** For element content alone, where quotes need no escape: JSON is half as long again with them. */
export function elementText(text: string): Markup {
  return new Markup(visibleText(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
}

/** JSON whose text holds no control character, no bidirectional override and no `<`: in a script element nothing in it can end the element. */
export function scriptJson(value: unknown): Markup {
  return new Markup(plainJson(value).replaceAll('<', '\\u003c'));
}

/** JSON with what could mislead a reader or a terminal as escapes. */
export function plainJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replaceAll(/[\u007F-\u009F\u2028-\u202E\u2066-\u2069\uFFFE\uFFFF]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
