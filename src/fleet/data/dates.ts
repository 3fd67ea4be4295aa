/** ISO text of a date or timestamp, undefined where the cell is none. */
export type DateReader = (text: string) => string | undefined;

const isoForm = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/;

/** `2025-01-31`, or the day of a timestamp as it is written there, whatever its zone. */
export function isoDate(text: string): string | undefined {
  const match = isoForm.exec(text);
  return match === null ? undefined : calendarDay(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** A timestamp without a zone is taken for UTC; without a time, for midnight. */
export function isoTimestamp(text: string): string | undefined {
  const match = isoForm.exec(text);
  if (match === null) return undefined;
  const day = isoDate(text);
  const zone = (match[7] ?? 'Z').replace(/^([+-]\d{2}):?(\d{2})$/, '$1:$2');
  return day === undefined ? undefined : instant(`${day}T${match[4] ?? '00'}:${match[5] ?? '00'}:${match[6] ?? '00'}${zone}`);
}

const fields = { YYYY: '(?<year>\\d{4})', MM: '(?<month>\\d{2})', M: '(?<month>\\d{1,2})', DD: '(?<day>\\d{2})', D: '(?<day>\\d{1,2})', HH: '(?<hour>\\d{2})', mm: '(?<minute>\\d{2})', ss: '(?<second>\\d{2})' } as const;
const fieldForm = /YYYY|MM?|DD?|HH|mm|ss|[^]/g;

/** Reader of a pattern such as `DD.MM.YYYY` or `M/D/YYYY HH:mm`. Times are taken for UTC. */
export function datePattern(pattern: string, kind: 'date' | 'timestamp'): DateReader {
  const source = pattern.replace(fieldForm, (part) => (part in fields ? fields[part as keyof typeof fields] : part.replace(/[^A-Za-z0-9 ]/, '\\$&')));
  const form = new RegExp(`^${source}$`);
  return (text) => {
    const groups = form.exec(text)?.groups;
    if (groups === undefined) return undefined;
    const day = calendarDay(Number(groups['year']), Number(groups['month']), Number(groups['day']));
    if (day === undefined || kind === 'date') return day;
    return instant(`${day}T${groups['hour'] ?? '00'}:${groups['minute'] ?? '00'}:${groups['second'] ?? '00'}Z`);
  };
}

/** What keeps a pattern from being one; undefined for a good one. */
export function datePatternProblem(pattern: string): string | undefined {
  const parts = (pattern.match(fieldForm) ?? []).filter((part) => part in fields);
  const kinds = parts.map((part) => (part === 'mm' ? 'minute' : part.charAt(0)));
  if (new Set(kinds).size !== kinds.length) return 'names a part twice';
  return ['Y', 'M', 'D'].every((kind) => kinds.includes(kind)) ? undefined : 'lacks a year, a month or a day';
}

function calendarDay(year: number, month: number, day: number): string | undefined {
  const at = new Date(Date.UTC(year, month - 1, day));
  const real = at.getUTCFullYear() === year && at.getUTCMonth() === month - 1 && at.getUTCDate() === day;
  return real ? at.toISOString().slice(0, 10) : undefined;
}

function instant(text: string): string | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : `${new Date(at).toISOString().slice(0, 19)}Z`;
}
