export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Character data of the element itself. */
  readonly text: string;
}

const nameStart = String.raw`[A-Za-z_][\w.-]*`;
const references: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * The parts of XML 1.0 that reports use, strictly: one root, matching tags, quoted attributes named once, known
 * references, and only characters of production [2]. Throws for anything else. Line ends and white space in attributes
 * are normalised as sections 2.11 and 3.3.3 ask.
 */
export function parseXml(document: string): XmlElement {
  const text = document.replaceAll(/\r\n?/g, '\n');
  let at = 0;
  const fail = (what: string): never => {
    throw new Error(`${what} at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
  };
  const bad = /[^\t\n\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.exec(text);
  if (bad !== null) throw new Error(`character ${bad[0].codePointAt(0)} is not allowed in XML 1.0`);
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    const sticky = new RegExp(pattern.source, 'uy');
    sticky.lastIndex = at;
    const found = sticky.exec(text);
    if (found !== null) at = sticky.lastIndex;
    return found ?? undefined;
  };
  const decode = (raw: string): string =>
    raw.replaceAll(/&([^;&]*);?/g, (whole, name: string) => {
      const number = /^#(?:x([0-9a-fA-F]+)|(\d+))$/.exec(name);
      if (number !== null) return String.fromCodePoint(number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16));
      return whole.endsWith(';') && references[name] !== undefined ? references[name] : fail(`unknown reference ${whole}`);
    });
  const element = (): XmlElement => {
    const [, name] = take(new RegExp(`<(${nameStart})`)) ?? fail('no element');
    const attributes: Record<string, string> = {};
    for (;;) {
      const found = take(new RegExp(String.raw`\s+(${nameStart})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')`));
      if (found === undefined) break;
      if (found[1] as string in attributes) fail(`attribute ${found[1]} twice`);
      attributes[found[1] as string] = decode((found[2] ?? found[3] ?? '').replaceAll(/[\n\t]/g, ' '));
    }
    if (take(/\s*\/>/) !== undefined) return { name: name as string, attributes, children: [], text: '' };
    if (take(/\s*>/) === undefined) fail('a tag does not end');
    const children: XmlElement[] = [];
    let content = '';
    while (take(new RegExp(`</${name}\\s*>`)) === undefined) {
      const data = take(/[^<]+/);
      if (data !== undefined) {
        if (data[0].includes(']]>')) fail(']]> in character data');
        content += decode(data[0]);
      } else children.push(element());
    }
    return { name: name as string, attributes, children, text: content };
  };
  take(/<\?xml version="1\.0" encoding="UTF-8"\?>\s*/);
  const root = element();
  take(/\s*/);
  if (at !== text.length) fail('something follows the root');
  return root;
}
