import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** A statement as the source has it. */
export interface SourceStatement {
  readonly file: string;
  /** With `${…}` for what is filled in. */
  readonly text: string;
  /** Whether this is the statement, filled in. */
  readonly isIn: (sql: string) => boolean;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const begins = /^\s*(?:(?:SELECT|WITH|CREATE|DROP|ALTER|TRUNCATE|SET|SHOW|LISTEN|NOTIFY|COPY|LOCK|MERGE|VACUUM|ANALYZE|EXPLAIN|CHECKPOINT)\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|(?:BEGIN|COMMIT|ROLLBACK|SAVEPOINT)\b)/;

/**
 * Every literal of the source that begins as an SQL statement does; those of the files in `others` are for another database.
 * Throws where one of `others` holds none: it would hide nothing.
 */
export async function statementsIn(pattern: string, others: readonly string[]): Promise<SourceStatement[]> {
  const found: SourceStatement[] = [];
  const hiding = new Set<string>();
  for await (const file of glob(pattern, { cwd: root })) {
    const statements = literalsIn(readFileSync(root + file, 'utf8')).filter(({ parts }) => begins.test(parts[0] as string));
    const other = others.find((each) => file === each || (each.endsWith('/') && file.startsWith(each)));
    if (other !== undefined && statements.length > 0) hiding.add(other);
    if (other === undefined) found.push(...statements.map((statement) => ({ file, text: tidy(statement.parts.join('${…}')), isIn: matcher(statement) })));
  }
  const idle = others.filter((other) => !hiding.has(other));
  if (idle.length > 0) throw new Error(`no statement is in ${idle.join(', ')}`);
  return found;
}

interface Literal {
  /** Text between what is filled in. */
  readonly parts: readonly string[];
  /** Something is put behind it. */
  readonly goesOn: boolean;
}

function matcher({ parts, goesOn }: Literal): (sql: string) => boolean {
  const escaped = parts.map((part) => tidy(part, false).replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'));
  const pattern = new RegExp(`^\\s*${escaped.join('.*?').trimStart()}${goesOn ? '' : '\\s*$'}`, 's');
  return (sql) => pattern.test(tidy(sql, false));
}

function tidy(text: string, trimmed = true): string {
  const single = text.replaceAll(/\s+/g, ' ');
  return trimmed ? single.trim() : single;
}

/** String and template literals, those within templates too; comments are passed over. */
function literalsIn(source: string): Literal[] {
  const found: Literal[] = [];
  let at = 0;
  const code = (closing: string | undefined): void => {
    for (let depth = 0; at < source.length; at++) {
      const character = source[at] as string;
      if (source.startsWith('//', at)) at = lineEnd(source, at);
      else if (source.startsWith('/*', at)) at = source.indexOf('*/', at) + 1;
      else if (character === '"' || character === "'") quoted(character);
      else if (character === '`') template();
      else if (character === '{') depth++;
      else if (character === '}' && depth-- === 0 && closing === '}') return;
    }
  };
  const goesOn = (): boolean => /^\s*\+/.test(source.slice(at + 1, at + 40));
  const quoted = (quote: string): void => {
    const start = ++at;
    // A quote within a regular expression is none: no string goes beyond its line.
    const end = lineEnd(source, at);
    while (at < end && source[at] !== quote) at += source[at] === '\\' ? 2 : 1;
    if (at < end) found.push({ parts: [source.slice(start, at)], goesOn: goesOn() });
    else at = start;
  };
  const template = (): void => {
    const parts: string[] = [];
    let start = ++at;
    for (; at < source.length && source[at] !== '`'; at++) {
      if (source[at] === '\\') at++;
      else if (source.startsWith('${', at)) {
        parts.push(source.slice(start, at));
        at += 2;
        code('}');
        start = at + 1;
      }
    }
    found.push({ parts: [...parts, source.slice(start, at)], goesOn: goesOn() });
  };
  code(undefined);
  return found;
}

function lineEnd(source: string, at: number): number {
  const end = source.indexOf('\n', at);
  return end === -1 ? source.length : end;
}
