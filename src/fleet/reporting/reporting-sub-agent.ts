import { abortReason } from '../../core/abort.ts';
import { InvariantViolation } from '../../core/error-codes.ts';
import { asError } from '../../core/errors.ts';
import { BaseAgent } from '../agents/base-agent.ts';
import { errorBody } from '../agents/error-codes.ts';
import type { AgentServices } from '../agents/services.ts';
import type { ReportResult } from '../jobs/job.ts';
import type { BoundaryHook, BoundaryName } from './boundary.ts';
import type { CheckpointFactory } from './checkpoints/checkpoint-factory.ts';
import type { ReportCheckpointManager } from './checkpoints/report-checkpoint-manager.ts';
import { MissingDataError, StaleWriterError } from './error-codes.ts';
import { DataHelperFallbackCoordinator } from './fallback/data-helper-fallback-coordinator.ts';
import type { SectionCache } from './fallback/section-cache.ts';
import { ProgressiveReportGenerator, type GenerationPlan } from './generation/progressive-report-generator.ts';
import { ReportGenerationState, type ReportGenerationSnapshot } from './generation/report-generation-state.ts';
import { reportingAgentName, type ReportContext } from './report-context.ts';
import { makeDocument, makeResult } from './report-document.ts';
import { collectMaterial, planHash, type ReportMaterial } from './report-material.ts';
import type { ReportOutcome } from './report-outcome.ts';
import { ReportPublication } from './report-publication.ts';
import type { ReportStore } from './report-store.ts';
import type { ReportStrategy } from './strategies/strategy.ts';
import type { ReportTemplateCache } from './templates/report-template-cache.ts';

/** What the factory hands to every sub-agent of a host. */
export interface ReportingEnvironment {
  readonly store: ReportStore;
  readonly model: string;
  readonly templates: ReportTemplateCache;
  readonly cache: SectionCache;
  readonly checkpoints: CheckpointFactory;
  readonly onBoundary: BoundaryHook | undefined;
}

/** For the factory alone: what makes the constructor refuse everybody else. */
export const constructionKey = Symbol('ReportingSubAgentFactory');

/** The end of an attempt waits so long for Redis; neither the report nor its result depends on it. */
const redisPatienceMs = { lastSave: 100, cleanup: 250, release: 1_500 } as const;

/**
 * Makes one report for one request: the only class that makes reports (D01). With every switch of D11 off it is
 * the same class on the same path, without checkpoints, second requests, substitutes or data helper.
 */
export class ReportingSubAgent extends BaseAgent {
  readonly name = reportingAgentName;
  readonly #context: ReportContext;
  readonly #environment: ReportingEnvironment;
  readonly #state: ReportGenerationState;
  readonly #publication: ReportPublication;
  #material: ReportMaterial;
  #checkpoints: ReportCheckpointManager | undefined;
  #generator: ProgressiveReportGenerator | undefined;
  #executed = false;
  #streamUpdates = false;
  #outcome: ReportOutcome = { status: 'pending' };
  /** Of another attempt at the run. */
  #finished: ReportResult | null = null;

  /** Throws InvariantViolation for anybody but `ReportingSubAgentFactory.createForContext`. */
  constructor(key: symbol, services: AgentServices, context: ReportContext, environment: ReportingEnvironment) {
    if (key !== constructionKey) throw new InvariantViolation('a ReportingSubAgent is made by ReportingSubAgentFactory.createForContext, one for each request');
    super(services);
    this.#context = context;
    this.#environment = environment;
    this.#publication = new ReportPublication(environment.store, context);
    this.#state = new ReportGenerationState(context.jobId, services.clock.now());
    this.#material = collectMaterial(context, context.factSheets, context.missing);
  }

  /** What became of the attempt, once `execute` has resolved. */
  get outcome(): ReportOutcome {
    return this.#outcome;
  }

  get state(): ReportGenerationSnapshot {
    return this.#state.toJSON();
  }

  /** The attempt's fencing token; above `attemptFloor`, 0 before the run is claimed. */
  get fencingToken(): number {
    return this.#checkpoints?.token ?? (this.#executed ? this.#context.attemptFloor + 1 : 0);
  }

  /**
   * Makes the report and stores it, once. Always resolves: a report that could not be finished has
   * `success: false` and what there is of it, and `outcome` says what to do about it.
   * @param context the one that this agent was made for
   * @param streamUpdates whether agent_thinking is emitted for each section
   */
  async execute(context: ReportContext, streamUpdates = false): Promise<ReportResult> {
    const { clock, metrics } = this.services;
    const startedMs = clock.monotonicMs();
    this.#streamUpdates = streamUpdates;
    try {
      if (context !== this.#context || this.#executed) throw new InvariantViolation('a ReportingSubAgent serves the one request that it was made for, once');
      this.#executed = true;
      this.services.emit({ type: 'agent_started', ...this.#about(), operation: 'report', attempt: context.attemptFloor + 1 });
      const result = await this.counted(() => this.#run());
      const durationMs = clock.monotonicMs() - startedMs;
      metrics.observe('report_duration_seconds', durationMs / 1_000, { level: result.level });
      this.services.emit({ type: 'agent_completed', ...this.#about(), operation: 'report', duration_ms: Math.round(durationMs), level: result.level });
      return result;
    } catch (error) {
      return this.#failed(asError(error));
    } finally {
      metrics.count('report_attempts_total', { outcome: this.#outcome.status });
    }
  }

  async #run(): Promise<ReportResult> {
    if (this.#context.signal.aborted) throw abortReason(this.#context.signal);
    if (await this.#isFinished()) return this.#alreadyThere();
    await this.#fetchMissing();
    const generator = this.#newGenerator();
    if ((await generator.generateSections(generator.determineStrategy(generator.availableData()))) === undefined) return this.#alreadyThere();
    // Only so that the result counts it.
    await this.#atMost(redisPatienceMs.lastSave, this.#checkpoints?.settled());
    const result = this.#result(true);
    await this.#boundary('report.before_store');
    this.#throwIfLost();
    return this.#publish(result);
  }

  async #fetchMissing(): Promise<void> {
    const helper = new DataHelperFallbackCoordinator(this.services, this.#context);
    if (!helper.shouldFallback(this.#context)) return;
    this.#state.fellBack();
    const collected = await helper.triggerDataHelper(helper.prepareFallbackContext(this.#context.missing));
    this.#material = collectMaterial(this.#context, collected.factSheets, collected.missing);
    // Perhaps it can be asked from where the job came from; a second failure there gives the report that needs nothing.
    if (this.#material.facts.length === 0 && !collected.answered) throw new MissingDataError(collected.missing);
  }

  #newGenerator(): ProgressiveReportGenerator {
    const { templates, cache } = this.#environment;
    return (this.#generator = new ProgressiveReportGenerator({
      services: this.services,
      context: this.#context,
      material: this.#material,
      state: this.#state,
      templates,
      cache,
      openPlan: (strategy) => this.#openPlan(strategy),
      boundary: (name) => this.#boundary(name),
      thinking: (section) => {
        if (this.#streamUpdates) this.services.emit({ type: 'agent_thinking', ...this.#about(), operation: 'report', section });
      },
    }));
  }

  async #openPlan(strategy: ReportStrategy): Promise<GenerationPlan | undefined> {
    const hash = planHash(this.#material, strategy.level, this.#environment.model);
    const signals = [this.#context.signal, this.stopping];
    if (this.services.config.resilience.checkpoints) {
      this.#checkpoints = this.#newCheckpoints(hash, strategy.sections.length);
      signals.push(this.#checkpoints.signal);
      await this.#checkpoints.claim(this.#context.attemptFloor);
      // Until the claim, another attempt may have stored the report and removed the checkpoints that would show it.
      if (await this.#isFinished()) return undefined;
    }
    return { hash, checkpoints: this.#checkpoints, signal: AbortSignal.any(signals), token: () => this.fencingToken };
  }

  #newCheckpoints(hash: string, totalSections: number): ReportCheckpointManager {
    const { userId, jobId, correlationId } = this.#context;
    return this.#environment.checkpoints.createForContext({
      userId,
      jobId,
      correlationId,
      planHash: hash,
      totalSections,
      onAcknowledged: async (section) => {
        this.#state.checkpointSaved();
        await this.#boundary(`checkpoint.acknowledged:${section}`);
      },
    });
  }

  /** `exchange` never rejects, and goes on by itself where it takes longer. */
  async #atMost(patienceMs: number, exchange: Promise<unknown> | undefined): Promise<void> {
    if (exchange === undefined) return;
    const waiting = new AbortController();
    const tooLong = this.services.clock.sleep(patienceMs, waiting.signal).catch(() => undefined);
    await Promise.race([exchange, tooLong]);
    waiting.abort(new Error('answered in time'));
  }

  async #publish(result: ReportResult): Promise<ReportResult> {
    const finished = await this.#publication.publish(result, this.fencingToken);
    if (finished !== undefined) {
      this.#finished = finished;
      return this.#alreadyThere();
    }
    this.#outcome = { status: 'stored' };
    this.services.metrics.count('reports_total', { level: result.level });
    await this.#boundary('report.stored');
    await this.#atMost(redisPatienceMs.cleanup, this.#checkpoints?.cleanup());
    return result;
  }

  /** Whether the run has its report, by whatever attempt; with deduplication switched off nobody looks. */
  async #isFinished(): Promise<boolean> {
    if (this.services.config.resilience.deduplication) this.#finished = await this.#publication.find();
    return this.#finished !== null;
  }

  /** The run was finished by another attempt, or by one that did not live to say so, or to remove its checkpoints. */
  async #alreadyThere(): Promise<ReportResult> {
    this.#outcome = { status: 'already_stored' };
    if (this.services.config.resilience.checkpoints) {
      const checkpoints = this.#checkpoints ?? this.#newCheckpoints('', 0);
      if (await checkpoints.hasCheckpoints()) {
        if (checkpoints.token === 0) await checkpoints.claim(this.#context.attemptFloor);
        await this.#atMost(redisPatienceMs.cleanup, checkpoints.cleanup());
      }
    }
    return { ...(this.#finished as ReportResult), recovery_performed: true };
  }

  async #failed(error: Error): Promise<ReportResult> {
    const lost = this.#lostReason();
    const reason = lost ?? error;
    if (reason instanceof StaleWriterError) this.#outcome = { status: 'stale', error: reason };
    else if (lost !== undefined) this.#outcome = { status: 'aborted', error: reason };
    else this.#outcome = { status: 'failed', error: reason };
    await this.#atMost(redisPatienceMs.release, this.#checkpoints?.release());
    this.services.logger.warn('report not finished', { ...this.#about(), outcome: this.#outcome.status, error: reason });
    this.services.emit({ type: 'agent_error', ...this.#about(), operation: 'report', ...errorBody(reason, this.#context.correlationId) });
    return this.#result(false);
  }

  #result(success: boolean): ReportResult {
    const { userId, correlationId } = this.#context;
    const sections = this.#generator?.sections ?? [];
    const resumedSections = this.#generator?.resumedSections.length ?? 0;
    return makeResult(makeDocument(userId, this.#material, sections), {
      success,
      correlationId,
      resumedSections,
      checkpointsSaved: this.#state.checkpointsSaved,
      recovered: resumedSections > 0 || this.#state.fallbackTriggered,
    });
  }

  /** Why this attempt may not go on; undefined while it may. */
  #lostReason(): Error | undefined {
    const signal = [this.#checkpoints?.signal, this.#context.signal, this.stopping].find((each) => each?.aborted === true);
    return signal === undefined ? undefined : abortReason(signal);
  }

  #throwIfLost(): void {
    const reason = this.#lostReason();
    if (reason !== undefined) throw reason;
  }

  async #boundary(name: BoundaryName): Promise<void> {
    await this.#environment.onBoundary?.(name, this.#context.jobId);
  }

  #about(): { agent: string; correlation_id: string; job_id: string; user_id: string } {
    const { correlationId, jobId, userId } = this.#context;
    return { agent: this.name, correlation_id: correlationId, job_id: jobId, user_id: userId };
  }
}

