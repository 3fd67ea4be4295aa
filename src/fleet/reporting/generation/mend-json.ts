import { jsonrepair } from 'jsonrepair';

export interface MendedObject {
  readonly value: Readonly<Record<string, unknown>>;
  /** The text ended before the object did: its last piece may be half of what was meant. */
  readonly cutOff: boolean;
}

/** Longer answers are cut before they are looked at: mending is not made for them. */
const maxTextLength = 400_000;
/** Braces in prose (`{see below}`) are tried one after the other; no answer needs more than this. */
const maxStarts = 20;

/**
 * The JSON object in a model's answer: as it is, out of a fence, out of prose around it, mended where it is
 * broken (single quotes, trailing commas, missing commas, comments), completed where it is cut off.
 * Undefined where there is none.
 */
export function findJsonObject(answer: string): MendedObject | undefined {
  const text = answer.slice(0, maxTextLength).replace(/^\uFEFF/, '').trim();
  const whole = parseObject(text);
  if (whole !== undefined) return { value: whole, cutOff: false };
  const fenced = /```[a-zA-Z0-9]*\s*\n?([\s\S]*?)(?:```|$)/.exec(text)?.[1]?.trim();
  for (const candidate of fenced === undefined ? [text] : [fenced, text]) {
    const found = findIn(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findIn(text: string): MendedObject | undefined {
  let start = text.indexOf('{');
  for (let tries = 0; start !== -1 && tries < maxStarts; tries++) {
    const end = endOfObject(text, start);
    const piece = text.slice(start, end ?? text.length);
    const value = parseObject(piece) ?? repairObject(piece);
    if (value !== undefined && Object.keys(value).length > 0) return { value, cutOff: end === undefined };
    start = text.indexOf('{', start + 1);
  }
  return undefined;
}

/** Behind the brace that closes the one at `start`; undefined where none does. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '"') inString = !inString;
    else if (!inString && character === '{') depth++;
    else if (!inString && character === '}' && --depth === 0) return at + 1;
  }
  return undefined;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    // Not JSON as it stands: the caller mends it or looks elsewhere.
    return undefined;
  }
}

function repairObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(jsonrepair(text)));
  } catch {
    // Beyond mending, or too deeply nested to be a section.
    return undefined;
  }
}

/** A list of one object is that object. */
function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const inner: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as Record<string, unknown>) : undefined;
}
