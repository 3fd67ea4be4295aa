import type { Deadline } from '../../../core/deadline.ts';
import type { AgentServices } from '../../agents/services.ts';
import type { LlmAnswer } from '../../connectors/llm/llm.ts';
import type { SectionContent, SectionName } from '../../jobs/job.ts';
import { UngroundedOutputError, UnreadableOutputError } from '../error-codes.ts';
import { reportingAgentName, type ReportContext } from '../report-context.ts';
import type { ReportMaterial } from '../report-material.ts';
import { LlmOutputHandler } from './llm-output-handler.ts';
import { sectionJsonSchema, sectionPrompt, type WrittenSection } from './section-prompt.ts';

/** Kept back from the model's time, so that an answer that comes late still leaves time to store a report without it. */
const storeReserveMs = 500;

export interface WriteRequest {
  readonly section: SectionName;
  /** Sections that are there already, for the prompt. */
  readonly written: readonly WrittenSection[];
  /** Attempt at the job, for the model's log. */
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** Told when an answer is asked for a second time. */
  readonly onAskedAgain: (error: Error) => void;
}

/** Has the model write a section, and answers only what has passed the output handler. */
export class SectionWriter {
  readonly #services: AgentServices;
  readonly #context: ReportContext;
  readonly #material: ReportMaterial;
  readonly #output: LlmOutputHandler;

  constructor(services: AgentServices, context: ReportContext, material: ReportMaterial) {
    this.#services = services;
    this.#context = context;
    this.#material = material;
    this.#output = new LlmOutputHandler(material);
  }

  /** An answer that cannot be used is asked for once more, with the reason; rejects with the second one's error, or the model's. */
  async write(request: WriteRequest): Promise<SectionContent> {
    try {
      return this.#output.read(request.section, await this.#ask(request));
    } catch (error) {
      if (!this.#services.config.resilience.retry || !(error instanceof UngroundedOutputError || error instanceof UnreadableOutputError)) throw error;
      request.onAskedAgain(error);
      return this.#output.read(request.section, await this.#ask(request, rejection(error)));
    }
  }

  async #ask({ section, written, attempt, signal }: WriteRequest, rejected?: string): Promise<LlmAnswer> {
    const { jobId, userId, correlationId } = this.#context;
    const deadline = this.#deadline();
    const answer = await this.#services.llm.complete({
      ...sectionPrompt(section, this.#material, written, rejected),
      schema: sectionJsonSchema,
      jobId,
      userId,
      correlationId,
      agent: reportingAgentName,
      section,
      attempt,
      signal,
      // Streamed, though only the whole is of use: an answer that stalls is then given up for its silence, not at the end of its time.
      onDelta: () => undefined,
      ...(deadline === undefined ? {} : { deadline }),
    });
    this.#services.metrics.count('llm_tokens_total', { direction: 'input' }, answer.promptTokens);
    this.#services.metrics.count('llm_tokens_total', { direction: 'output' }, answer.completionTokens);
    return answer;
  }

  #deadline(): Deadline | undefined {
    const { deadline } = this.#context;
    return deadline?.within(Math.max(0, deadline.remainingMs() - storeReserveMs));
  }
}

/** Only numbers and reasons of ours, nothing that differs between two runs of one seed. */
function rejection(error: UngroundedOutputError | UnreadableOutputError): string {
  return error instanceof UngroundedOutputError
    ? `These numbers are none of the facts: ${error.ungrounded.join(', ')}. Write the section without them.`
    : 'The answer was no JSON object of the shape asked for. Answer with that object alone.';
}
