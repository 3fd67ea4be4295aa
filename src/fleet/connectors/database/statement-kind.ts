const reading = /^\s*(?:select|values|explain|show|with)\b/i;
const writing = /\b(?:insert|update|delete|merge|truncate|create|alter|drop)\b|\bfor\s+(?:no\s+key\s+)?update\b/i;
const quoted = /'(?:[^']|'')*'|"[^"]*"/g;

/** Whether repeating the statement is harmless. Errs on the side of no. */
export function isRead(sql: string): boolean {
  return reading.test(sql) && !writing.test(sql.replace(quoted, ''));
}
