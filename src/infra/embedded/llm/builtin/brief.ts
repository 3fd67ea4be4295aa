import { isObject, type ChatMessage } from '../chat-request.ts';

export const sectionNames = ['summary', 'data_analysis', 'recommendations', 'action_items'] as const;
export type SectionName = (typeof sectionNames)[number];

/** One line of `<facts>`. */
export interface BriefFact {
  readonly id: string;
  readonly agent: string;
  readonly label: string;
  /** Written into the text as it stands. */
  readonly display: string;
  readonly subject?: string;
}

export interface Brief {
  readonly section: SectionName | undefined;
  readonly question: string;
  readonly period: { readonly from: string; readonly to: string } | undefined;
  readonly facts: readonly BriefFact[];
  readonly missing: readonly string[];
}

/**
 * What a prompt asks for:
 *
 *     <section>summary</section> <question>…</question> <period from="2025-11-01" to="2026-10-31"/>
 *     <facts>
 *     {"id":"order.revenue_total","agent":"order","label":"…","display":"1,234.56 EUR","subject":"…"}
 *     </facts>
 *     <missing>
 *     payment: table absent
 *     </missing>
 *
 * Each part may stand in any message; of two, the later counts. All but the facts may be absent.
 */
export function readBrief(messages: readonly ChatMessage[]): Brief {
  const text = messages
    .filter(({ role }) => role !== 'assistant')
    .map(({ content }) => content)
    .join('\n');
  const section = inside(text, 'section')?.trim();
  const period = [...text.matchAll(/<period\s+from="([^"]*)"\s+to="([^"]*)"\s*\/>/g)].at(-1);
  return {
    section: sectionNames.find((name) => name === section),
    question: (inside(text, 'question') ?? '').trim().replace(/\s+/g, ' '),
    period: period === undefined ? undefined : { from: period[1] as string, to: period[2] as string },
    facts: lines(inside(text, 'facts')).flatMap(readFact),
    missing: lines(inside(text, 'missing')),
  };
}

function inside(text: string, tag: string): string | undefined {
  const close = text.lastIndexOf(`</${tag}>`);
  const open = close === -1 ? -1 : text.lastIndexOf(`<${tag}>`, close);
  return open === -1 ? undefined : text.slice(open + tag.length + 2, close);
}

function lines(block: string | undefined): string[] {
  return (block ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** A line that is no fact is left out, as a model would pass over what it cannot read. */
function readFact(line: string): BriefFact[] {
  let fact: unknown;
  try {
    fact = JSON.parse(line);
  } catch {
    return [];
  }
  if (!isObject(fact)) return [];
  const { id, agent, label, display, subject } = fact;
  if (typeof id !== 'string' || typeof agent !== 'string' || typeof label !== 'string' || typeof display !== 'string') return [];
  return [{ id, agent, label: label.trim(), display: display.trim(), ...(typeof subject === 'string' && subject !== '' ? { subject } : {}) }];
}
