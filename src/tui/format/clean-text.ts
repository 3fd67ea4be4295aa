const harmless = /^[\u0020-\u007E]*$/;
const controls = /[\p{Cc}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/gu;
/** Joiners and selectors glue characters to clusters whose width terminals do not agree on. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Variation_Selector}]/gu;

/**
 * Text of a journal as one line that drives no terminal: control characters become their pictures (`␛`), line breaks
 * and tabs a space each, what turns the direction of writing or has no encoding a `�`, and invisible ones are left out.
 */
export function cleanText(text: string): string {
  return harmless.test(text) ? text : text.toWellFormed().replaceAll(/\r\n|[\n\t]/g, ' ').replaceAll(controls, picture).replaceAll(invisible, '');
}

function picture(character: string): string {
  const code = character.codePointAt(0) as number;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '␡' : '�';
}
