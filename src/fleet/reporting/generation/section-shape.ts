import { sectionContentSchema, type SectionContent, type SectionName } from '../../jobs/job.ts';
import { UnreadableOutputError } from '../error-codes.ts';
import type { MendedObject } from './mend-json.ts';

export const sectionTitles: Readonly<Record<SectionName, string>> = {
  summary: 'Summary',
  data_analysis: 'Data analysis',
  recommendations: 'Recommendations',
  action_items: 'Action items',
};

/** What models call the three members when they do not keep to the schema. */
const memberNames = {
  heading: ['heading', 'title', 'headline'],
  paragraphs: ['paragraphs', 'paragraph', 'text', 'body', 'content'],
  items: ['items', 'bullets', 'points', 'list', 'actions', 'recommendations', 'action_items'],
} as const;

const maxTextLength = 20_000;
const maxListLength = 40;

/**
 * Brings an object near to a section into its exact shape: wrong types turned into text and lists, a wrapper
 * taken off, control characters taken out, lists cut to 40. Throws UnreadableOutputError where nothing is left to read.
 */
export function shapeSection(section: SectionName, found: MendedObject): SectionContent {
  const source = unwrap(found.value);
  const members = { heading: member(source, 'heading'), paragraphs: member(source, 'paragraphs'), items: member(source, 'items') };
  const lists = { paragraphs: toList(members.paragraphs), items: toList(members.items) };
  if (found.cutOff) dropLastPiece(source, lists);
  const shaped = sectionContentSchema.safeParse({
    heading: toText(members.heading).replaceAll('\n', ' ').slice(0, 300) || sectionTitles[section],
    paragraphs: lists.paragraphs.slice(0, maxListLength),
    items: lists.items.slice(0, maxListLength),
  });
  if (!shaped.success) throw new UnreadableOutputError(section, 'its members have the wrong shape', { cause: shaped.error });
  if (shaped.data.paragraphs.length === 0 && shaped.data.items.length === 0) throw new UnreadableOutputError(section, 'it has neither paragraphs nor items');
  return shaped.data;
}

/** `{"summary": {…}}` or `{"section": {…}}` → what is inside, as long as the outer object is no section itself. */
function unwrap(value: Readonly<Record<string, unknown>>, depth = 0): Readonly<Record<string, unknown>> {
  const isSection = (['heading', 'paragraphs', 'items'] as const).some((name) => member(value, name) !== undefined && !isObject(member(value, name)));
  if (isSection || depth > 3) return value;
  const inner = Object.values(value).find(isObject);
  return inner === undefined ? value : unwrap(inner, depth + 1);
}

function member(source: Readonly<Record<string, unknown>>, name: keyof typeof memberNames): unknown {
  const key = memberNames[name].find((alias) => Object.hasOwn(source, alias));
  return key === undefined ? undefined : source[key];
}

/** A cut-off answer ends in the middle of its last text, perhaps in the middle of a number. */
function dropLastPiece(source: Readonly<Record<string, unknown>>, lists: { paragraphs: string[]; items: string[] }): void {
  const lastKey = Object.keys(source).findLast((key) => memberNames.paragraphs.includes(key as never) || memberNames.items.includes(key as never));
  if (lastKey === undefined) return;
  (memberNames.paragraphs.includes(lastKey as never) ? lists.paragraphs : lists.items).pop();
}

function toList(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  const pieces: readonly unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(/\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)])\s)/) : [value];
  return pieces.map((piece) => toText(piece).replace(/^\s*[-*•]\s+/, '')).filter((text) => text !== '');
}

function toText(value: unknown): string {
  if (typeof value === 'string') return clean(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map(toText).filter(Boolean).join('; ');
  if (isObject(value)) return Object.values(value).map(toText).filter(Boolean).join(': ');
  return '';
}

function clean(text: string): string {
  // Control and bidirectional-override characters say nothing in a report and can hide what it says.
  return text
    .slice(0, maxTextLength)
    .toWellFormed()
    .replace(/(?!\n)\p{Cc}|[\u202A-\u202E\u2066-\u2069]/gu, ' ')
    .trim();
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
