import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface Finding {
  /** Relative to the folder that was scanned, with `/`. */
  readonly file: string;
  readonly line: number;
  readonly rule: 'retry loop' | 'backoff arithmetic' | 'retry or breaker type' | 'retry library' | 'client retries';
  readonly text: string;
}

/** The folder of the one stack itself. */
const HOME = 'reliability/';
const ATTEMPTS = /\b(?:attempts?|attemptsLeft|retry|retries|retrying|tries|triesLeft|maxRetries|maxAttempts)\b/i;
/** A timer that only bounds a call is no wait. */
const WAITS = /\b(?:sleep|delay|pause|backoff\w*)\s*\(|new Promise\b[^;]*\b(?:setTimer|setTimeout)\s*\(/;
const CONFIGURED = String.raw`\w*(?:(?:Retry|Retries|Backoff)\w*(?:Config|Options|Settings|Policy|Strategy|Handler|Manager)|CircuitBreaker\w*|Breaker(?:Config|Options|Settings|Policy))\b`;
const TYPES = new RegExp(String.raw`\b(?:(?:class|interface|enum)\s+${CONFIGURED}|type\s+${CONFIGURED}\s*(?:<[^=]*>)?\s*=)`, 'g');

/** Finds what looks like a second retry loop, breaker or retry configuration in the TypeScript files below `root`. */
export function scanForSecondStack(root: string): Finding[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => !file.startsWith(HOME))
    .toSorted()
    .flatMap((file) => scanSource(file, readFileSync(join(root, file), 'utf8')));
}

export function scanSource(file: string, source: string): Finding[] {
  const code = blankOut(source);
  const findings: Finding[] = [];
  const report = (rule: Finding['rule'], index: number): void => {
    const line = source.slice(0, index).split('\n').length;
    findings.push({ file, line, rule, text: (source.split('\n')[line - 1] ?? '').trim() });
  };
  for (const loop of loopsOf(code)) {
    const tries = /\bcatch\b/.test(loop.text);
    if (tries && (ATTEMPTS.test(loop.text) || WAITS.test(loop.text))) report('retry loop', loop.index);
  }
  for (const match of code.matchAll(/\b(?:sleep|setTimer|setTimeout)\s*\([^;]*?(?:\*\*|Math\.pow)/g)) report('backoff arithmetic', match.index);
  for (const match of code.matchAll(TYPES)) report('retry or breaker type', match.index);
  for (const match of code.matchAll(/\bclass\s+\w*Breaker\w*/g)) report('retry or breaker type', match.index);
  // Package names stand in strings, which are blank in `code`.
  for (const match of source.matchAll(/\bfrom\s+'(?:cockatiel|opossum|p-retry|async-retry|retry|mollitia|effect)(?:\/[^']*)?'/g)) report('retry library', match.index);
  for (const match of code.matchAll(/\b(?:maxRetries|retries|numOfRetries|maxRetriesPerRequest)\s*:\s*(?!0\b|null\b|number\b|unknown\b)[\w.]/g)) report('client retries', match.index);
  for (const match of code.matchAll(/\bretryStrategy\s*(?::|\()(?!\s*\(\)\s*=>\s*(?:null|undefined)\b)/g)) report('client retries', match.index);
  return findings.filter((finding, index) => findings.findIndex((other) => other.line === finding.line && other.rule === finding.rule) === index);
}

/** Each `for`, `while` and `do` with its head and its body. */
function* loopsOf(code: string): Generator<{ readonly index: number; readonly text: string }> {
  for (const match of code.matchAll(/\b(?:for(?:\s+await)?|while)\s*\(|\bdo\s*\{/g)) {
    const opening = match.index + match[0].length - 1;
    let end = closing(code, opening);
    if (code[opening] === '(') {
      const body = /^\s*\{/.exec(code.slice(end + 1));
      end = body === null ? code.indexOf(';', end) : closing(code, end + body[0].length);
    }
    yield { index: match.index, text: code.slice(match.index, end + 1) };
  }
}

function closing(code: string, opening: number): number {
  let depth = 0;
  for (let index = opening; index < code.length; index++) {
    if ('([{'.includes(code[index] as string)) depth++;
    else if (')]}'.includes(code[index] as string) && --depth === 0) return index;
  }
  return code.length - 1;
}

const TOKEN = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=[(,=:[!&|?{};\n]\s*|return\s+)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\/[a-z]*/g;

/** The source with comments, strings and regular expressions as spaces, so that every place keeps its index. */
function blankOut(source: string): string {
  return source.replace(TOKEN, (token) => token.replace(/[^\n]/g, ' '));
}
