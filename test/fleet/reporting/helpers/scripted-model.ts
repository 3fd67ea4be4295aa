import type { Unsubscribe } from '../../../../src/core/emitter.ts';
import { raceAbort } from '../../../../src/core/abort.ts';
import type { DependencyState } from '../../../../src/fleet/connectors/call.ts';
import type { Llm, LlmAnswer, LlmRequest } from '../../../../src/fleet/connectors/llm/llm.ts';
import type { SectionName } from '../../../../src/fleet/jobs/job.ts';

/** What the model does for a request: a text, a whole answer, or a rejection. */
export type Script = (request: LlmRequest, asked: number) => string | Partial<LlmAnswer> | Promise<string | Partial<LlmAnswer>>;

/** A model that answers by script and remembers what it was asked. Without a script it writes sections from the facts in the prompt. */
export class ScriptedModel implements Llm {
  readonly state: DependencyState = { up: true };
  readonly requests: LlmRequest[] = [];
  script: Script;

  constructor(script: Script = honest) {
    this.script = script;
  }

  /** Sections in the order in which they were asked for. */
  get asked(): (SectionName | undefined)[] {
    return this.requests.map((request) => request.section as SectionName | undefined);
  }

  onStateChange(): Unsubscribe {
    return () => undefined;
  }

  async complete(request: LlmRequest): Promise<LlmAnswer> {
    this.requests.push(request);
    const answer = await raceAbort(Promise.resolve(this.script(request, this.requests.filter(({ section }) => section === request.section).length)), request.signal);
    return { model: 'scripted', finishReason: 'stop', promptTokens: 10, completionTokens: 10, text: '', ...(typeof answer === 'string' ? { text: answer } : answer) };
  }

  async close(): Promise<void> {}
}

/** Every fact of the prompt, quoted as it displays. */
export const honest: Script = ({ user, section }) => {
  const facts = [...user.matchAll(/^\{"id".*\}$/gm)].map(([line]) => JSON.parse(line) as { label: string; display: string });
  return sectionJson(section ?? 'none', facts.map(({ label, display }) => `${label}: ${display}`));
};

export function sectionJson(mark: string, paragraphs: readonly string[], items: readonly string[] = []): string {
  return JSON.stringify({ heading: `About ${mark}`, paragraphs, items });
}
