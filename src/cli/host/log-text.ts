import { z } from 'zod';

const lineSchema = z.looseObject({ at: z.string(), level: z.string(), message: z.string() });
/** The same on every line of one host, or of no use without a search. */
const leftOut = new Set(['at', 'level', 'message', 'host', 'run_id', 'correlation_id', 'stack', 'degradation_level']);

/** A host's log line as a person reads it: `13:45:17 warn  message  agent=reporting`. What is no such line stays as it is. */
export function logText(line: string): string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return line;
  }
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) return line;
  const { at, level, message, ...fields } = parsed.data;
  const shown = Object.entries(fields).filter(([name]) => !leftOut.has(name));
  return `${at.slice(11, 19)} ${level.padEnd(5)} ${message}${shown.map(([name, field]) => `  ${name}=${fieldText(field)}`).join('')}\n`;
}

function fieldText(field: unknown): string {
  if (typeof field === 'string') return field;
  // An error's name and stack say less than its sentence.
  if (typeof field === 'object' && field !== null && 'message' in field && typeof field.message === 'string') return field.message;
  return JSON.stringify(field);
}
