import { abortReason } from '../../../core/abort.ts';
import { asError } from '../../../core/errors.ts';
import type { SectionCompletedEvent } from '../../../journal/fleet-events.ts';
import type { AgentServices } from '../../agents/services.ts';
import type { ReportDocument, SectionName } from '../../jobs/job.ts';
import type { BoundaryName } from '../boundary.ts';
import type { ReportCheckpointManager } from '../checkpoints/report-checkpoint-manager.ts';
import { MissingDataError } from '../error-codes.ts';
import { ReportingErrorHandler } from '../fallback/reporting-error-handler.ts';
import type { SectionCache } from '../fallback/section-cache.ts';
import { renderSection } from '../render-markdown.ts';
import { reportingAgentName, type ReportContext } from '../report-context.ts';
import type { ReportMaterial } from '../report-material.ts';
import { fallbackStrategy, fullestStrategy, reportStrategies } from '../strategies/index.ts';
import type { AvailableData, ReportStrategy } from '../strategies/strategy.ts';
import type { ReportTemplateCache } from '../templates/report-template-cache.ts';
import type { ReportGenerationState } from './report-generation-state.ts';
import { SectionWriter } from './section-writer.ts';

export type GeneratedSection = ReportDocument['sections'][number];

/** Later sections are written with the earlier ones in view, the summary with all of them. A reader sees them in the order of `sectionNames`. */
export const generationOrder: readonly SectionName[] = ['data_analysis', 'recommendations', 'action_items', 'summary'];

/** Characters of a section that `section_completed` carries. */
const shownTextLimit = 4_000;

/** What is known of an attempt once its strategy is. */
export interface GenerationPlan {
  readonly hash: string;
  /** Undefined with checkpoints switched off. */
  readonly checkpoints: ReportCheckpointManager | undefined;
  /** Aborts when the attempt is over: shut down, or the run has been lost. */
  readonly signal: AbortSignal;
  /** The attempt's fencing token, for the model's log. */
  token(): number;
}

export interface GeneratorOptions {
  readonly services: AgentServices;
  readonly context: ReportContext;
  readonly material: ReportMaterial;
  readonly state: ReportGenerationState;
  /** Claims the run for a strategy; called once, when generation begins. Undefined where the run turns out to have its report. */
  readonly openPlan: (strategy: ReportStrategy) => Promise<GenerationPlan | undefined>;
  readonly templates: ReportTemplateCache;
  readonly cache: SectionCache;
  readonly boundary: (name: BoundaryName) => Promise<void>;
  /** Tells whoever watches what is being written. */
  readonly thinking: (section: SectionName) => void;
}

/**
 * Makes a report's sections one after the other, and steps down to a lesser strategy where model or
 * time run out in the middle. Sections that are finished stay, whatever happens after them.
 */
export class ProgressiveReportGenerator {
  readonly #options: GeneratorOptions;
  readonly #writer: SectionWriter;
  readonly #errors: ReportingErrorHandler;
  readonly #done = new Map<SectionName, GeneratedSection>();
  readonly #resumed = new Set<SectionName>();
  #modelAvailable = true;

  constructor(options: GeneratorOptions) {
    this.#options = options;
    this.#writer = new SectionWriter(options.services, options.context, options.material);
    this.#errors = new ReportingErrorHandler(options.services.clock);
  }

  /** What is finished so far, in the order in which it was. */
  get sections(): readonly GeneratedSection[] {
    return [...this.#done.values()];
  }

  /** Sections taken over from an earlier attempt. */
  get resumedSections(): readonly SectionName[] {
    return [...this.#resumed];
  }

  availableData(): AvailableData {
    const { material, context } = this.#options;
    return {
      facts: material.facts.length,
      agentsWithFacts: new Set(material.facts.map((fact) => fact.agent)).size,
      agentsAsked: material.agentsAsked.length,
      missing: material.missing,
      modelAvailable: this.#modelAvailable,
      remainingMs: context.deadline?.remainingMs() ?? Infinity,
    };
  }

  /** The fullest strategy that `availableData` allows; with the fallback switched off it is FULL or nothing: MissingDataError. */
  determineStrategy(availableData: AvailableData): ReportStrategy {
    if (this.#options.context.degrade === true) return fallbackStrategy;
    if (this.#options.services.config.resilience.fallback) return fullestStrategy(availableData);
    if (availableData.facts === 0) throw new MissingDataError(availableData.missing);
    return reportStrategies[0];
  }

  /** Undefined where no plan was to be had. Rejects with the signal's reason where the attempt is over, and with the model's error where the fallback is switched off. */
  async generateSections(strategy: ReportStrategy): Promise<readonly GeneratedSection[] | undefined> {
    const { state, boundary, openPlan } = this.#options;
    let current = strategy;
    state.plan(current.level, this.#order(current));
    const plan = await openPlan(strategy);
    if (plan === undefined) return undefined;
    const { signal, checkpoints } = plan;
    await this.#resume(checkpoints);
    for (let section = this.#next(current); section !== undefined; section = this.#next(current)) {
      current = this.#stepDown(current);
      if (!current.sections.includes(section)) continue;
      await boundary(`section.before:${section}`);
      throwIfAborted(signal);
      const made = await this.#make(section, current, plan);
      this.#done.set(section, made);
      state.sectionCompleted(section);
      this.#tellCompleted(made, made.source);
      await boundary(`section.generated:${section}`);
      // Not awaited: the next section is written while the save is in flight. It cannot reject.
      if (made.source === 'model') void checkpoints?.saveSection(section, made.content, this.#next(current) ?? null);
      if (checkpoints?.mayResume === true) await this.#resume(checkpoints);
    }
    throwIfAborted(signal);
    return this.sections;
  }

  #order(strategy: ReportStrategy): readonly SectionName[] {
    return generationOrder.filter((section) => strategy.sections.includes(section));
  }

  #next(strategy: ReportStrategy): SectionName | undefined {
    return this.#order(strategy).find((section) => !this.#done.has(section));
  }

  /** Takes over what earlier attempts have finished; asked again where Redis could not tell at the beginning. */
  async #resume(checkpoints: ReportCheckpointManager | undefined): Promise<void> {
    const { state } = this.#options;
    if (checkpoints === undefined) return;
    const saved = await checkpoints.loadAllSections();
    const fresh = generationOrder.filter((section) => saved.has(section) && !this.#done.has(section));
    for (const name of fresh) {
      const section: GeneratedSection = { name, source: 'model', content: saved.get(name) as GeneratedSection['content'] };
      this.#done.set(name, section);
      this.#resumed.add(name);
      state.sectionCompleted(name);
      this.#tellCompleted(section, 'checkpoint');
    }
    if (fresh.length === 0) return;
    state.recoveryAttempted();
    await checkpoints.noteResumed(fresh);
  }

  #stepDown(from: ReportStrategy): ReportStrategy {
    const { state, services } = this.#options;
    if (!services.config.resilience.fallback) return from;
    const to = fullestStrategy(this.availableData(), from);
    if (to.level === from.level) return from;
    state.plan(to.level, this.#order(to));
    state.fellBack();
    this.#tellFallback('strategy', `${from.level} → ${to.level}: ${this.#modelAvailable ? 'the time left is too short to ask the model' : 'the model cannot be had'}`);
    return to;
  }

  async #make(section: SectionName, strategy: ReportStrategy, plan: GenerationPlan): Promise<GeneratedSection> {
    const { services, state, cache, context, thinking } = this.#options;
    if (!strategy.asksModel) return this.#fromTemplate(section);
    thinking(section);
    try {
      const content = await this.#writer.write({ section, written: this.sections, attempt: plan.token(), signal: plan.signal, onAskedAgain: () => state.recoveryAttempted() });
      cache.set(context.userId, plan.hash, section, content);
      return { name: section, source: 'model', content };
    } catch (error) {
      throwIfAborted(plan.signal);
      if (!services.config.resilience.fallback) throw error;
      return this.#substitute(section, asError(error), plan);
    }
  }

  #substitute(section: SectionName, error: Error, plan: GenerationPlan): GeneratedSection {
    const { state, cache, context } = this.#options;
    const decision = this.#errors.decide(error);
    this.#modelAvailable &&= !decision.modelUnavailable;
    state.fellBack();
    const mayBeCached = decision.strategy === 'use_cached_or_template' || decision.strategy === 'retry_with_backoff';
    const cached = mayBeCached ? cache.get(context.userId, plan.hash, section) : undefined;
    this.#tellFallback(cached === undefined ? 'template' : 'cache', `${section} (${decision.type} → ${decision.strategy}): ${error.message}`);
    return cached === undefined ? this.#fromTemplate(section) : { name: section, source: 'cache', content: cached };
  }

  #fromTemplate(section: SectionName): GeneratedSection {
    return { name: section, source: 'template', content: this.#options.templates.render(section, this.#options.material) };
  }

  #tellCompleted(section: GeneratedSection, source: SectionCompletedEvent['source']): void {
    this.#options.services.emit({ type: 'section_completed', ...this.#about(), section: section.name, source, ...shownText(renderSection(section)) });
  }

  #tellFallback(kind: string, detail: string): void {
    this.#options.services.emit({ type: 'fallback_triggered', ...this.#about(), operation: 'report', kind, detail });
  }

  #about(): { agent: string; correlation_id: string; job_id: string; user_id: string } {
    const { correlationId, jobId, userId } = this.#options.context;
    return { agent: reportingAgentName, correlation_id: correlationId, job_id: jobId, user_id: userId };
  }
}

/** As much as an event may carry; never ends in half a character. */
function shownText(text: string): Pick<SectionCompletedEvent, 'text' | 'truncated'> {
  if (text.length <= shownTextLimit) return { text };
  return { text: text.slice(0, shownTextLimit).replace(/[\uD800-\uDBFF]$/, ''), truncated: true };
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortReason(signal);
}
