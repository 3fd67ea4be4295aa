/** In this order: what comes later would find only pieces of what comes earlier. */
const varying: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  // Runs and their jobs: 20261120-104501-3f9a1c-job-2.
  [/\b\d{8}-\d{6}-[0-9a-f]{6}(?:-[A-Za-z0-9._-]*[A-Za-z0-9])?/g, '<id>'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?/g, '<time>'],
  // Of at least one digit: `effaced` is a word.
  [/\b(?=[a-f]*\d)[0-9a-f]{8,}\b/gi, '<id>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?/g, '<address>'],
  [/(?<=[\w\]]):\d{2,5}\b/g, ':<port>'],
  [/\b\d+(?:[.,]\d+)*\s?(?:ms|milliseconds?|s|seconds?|min|minutes?)\b/g, '<time>'],
  [/\d+(?:[.,]\d+)*/g, '<n>'],
];

/** What messages of one cause have in common: ids, addresses, ports, times and numbers are left blank. */
export function blankedMessage(message: string): string {
  return varying.reduce((text, [pattern, blank]) => text.replaceAll(pattern, blank), message).trim();
}

/** Of codes and operations that begin so. */
const dependencyWords: readonly (readonly [string, string])[] = [
  ['postgres', 'postgres'],
  ['database', 'postgres'],
  ['redis', 'redis'],
  ['checkpoint', 'redis'],
  ['kafka', 'kafka'],
  ['llm', 'llm'],
];

/** The service that a failed operation was on, as its name or its code tells; undefined where neither does. */
export function dependencyOf(operation: string | undefined, code: string): string | undefined {
  const words = [operation ?? '', code].map((text) => text.toLowerCase().split(/[^a-z]/)[0] ?? '');
  return words.map((word) => dependencyWords.find(([start]) => start === word)?.[1]).find((name) => name !== undefined);
}
