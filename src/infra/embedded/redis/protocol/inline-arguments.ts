const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

function isSpace(character: string | undefined): boolean {
  return character !== undefined && /[\t\n\v\f\r ]/.test(character);
}

/**
 * Splits an inline command as a shell user would expect: blanks separate, `"…"` knows `\n \r \t \b
 * \a \xHH` and `\` before any other character, `'…'` knows `\'`. Undefined for unbalanced quotes,
 * or a closing quote that anything but a blank follows.
 */
export function splitInlineArguments(line: string): string[] | undefined {
  const splitArguments: string[] = [];
  let at = 0;
  for (;;) {
    while (isSpace(line[at])) at++;
    if (at >= line.length) return splitArguments;
    let current = '';
    let quote: '"' | "'" | undefined;
    for (;;) {
      const character = line[at];
      if (quote !== undefined) {
        if (character === undefined) return undefined;
        if (quote === '"' && character === '\\') {
          const hex = /^x([0-9a-fA-F]{2})/.exec(line.slice(at + 1, at + 4));
          if (hex !== null) {
            current += String.fromCharCode(Number.parseInt(hex[1] as string, 16));
            at += 4;
            continue;
          }
          const escaped = line[at + 1];
          if (escaped === undefined) return undefined;
          current += ESCAPES[escaped] ?? escaped;
          at += 2;
          continue;
        }
        if (quote === "'" && character === '\\' && line[at + 1] === "'") {
          current += "'";
          at += 2;
          continue;
        }
        at++;
        if (character === quote) {
          if (at < line.length && !isSpace(line[at])) return undefined;
          break;
        }
        current += character;
        continue;
      }
      if (character === undefined || isSpace(character)) break;
      at++;
      if (character === '"' || character === "'") quote = character;
      else current += character;
    }
    splitArguments.push(current);
  }
}
