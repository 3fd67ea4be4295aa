import type { LlmAnswer } from '../../connectors/llm/llm.ts';
import { groundText, type GroundingAllowance } from '../../data/grounding.ts';
import type { SectionContent, SectionName } from '../../jobs/job.ts';
import { RefusedOutputError, UngroundedOutputError, UnreadableOutputError } from '../error-codes.ts';
import type { ReportMaterial } from '../report-material.ts';
import { findJsonObject } from './mend-json.ts';
import { shapeSection } from './section-shape.ts';

/**
 * The one way from a model's answer to a section (C13): find the JSON, mend it, give it its shape,
 * validate it, then hold every number in it against the facts. Only what passes is used or saved.
 */
export class LlmOutputHandler {
  readonly #material: ReportMaterial;
  /** Numbers may come from these besides the facts. */
  readonly #allowed: GroundingAllowance;

  constructor(material: ReportMaterial) {
    this.#material = material;
    this.#allowed = { period: material.period, question: material.question, texts: material.missing };
  }

  /** Throws RefusedOutputError, UnreadableOutputError or UngroundedOutputError. */
  read(section: SectionName, answer: Pick<LlmAnswer, 'text' | 'finishReason'>): SectionContent {
    if (answer.finishReason === 'content_filter') throw new RefusedOutputError(section, answer.finishReason);
    if (answer.text.trim() === '') throw new UnreadableOutputError(section, 'the answer is empty');
    const found = findJsonObject(answer.text);
    if (found === undefined) throw new UnreadableOutputError(section, `no JSON object in it: ${JSON.stringify(answer.text.slice(0, 120))}`);
    const content = shapeSection(section, found);
    const text = [content.heading, ...content.paragraphs, ...content.items].join('\n');
    const { ungrounded } = groundText(text, this.#material.facts, this.#allowed);
    if (ungrounded.length > 0) throw new UngroundedOutputError(section, [...new Set(ungrounded.map(({ token }) => token))]);
    return content;
  }
}
