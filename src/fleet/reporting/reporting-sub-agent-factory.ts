import type { AgentServices } from '../agents/services.ts';
import type { BoundaryHook } from './boundary.ts';
import { CheckpointFactory } from './checkpoints/checkpoint-factory.ts';
import { SectionCache } from './fallback/section-cache.ts';
import type { ReportContext } from './report-context.ts';
import type { ReportStore } from './report-store.ts';
import { constructionKey, ReportingSubAgent, type ReportingEnvironment } from './reporting-sub-agent.ts';
import { ReportTemplateCache } from './templates/report-template-cache.ts';

export interface ReportingOptions {
  readonly store: ReportStore;
  /** Name of the model that is asked: sections of another one are not gone on from. */
  readonly model: string;
  /** See `boundary.ts`. @default nobody is told */
  readonly onBoundary?: BoundaryHook;
}

/** Makes a ReportingSubAgent for each request (D01); what they share of a host holds nothing of one user for another. */
export class ReportingSubAgentFactory {
  readonly #services: AgentServices;
  readonly #environment: ReportingEnvironment;

  constructor(services: AgentServices, options: ReportingOptions) {
    this.#services = services;
    this.#environment = { store: options.store, model: options.model, onBoundary: options.onBoundary, templates: new ReportTemplateCache(), cache: new SectionCache(), checkpoints: new CheckpointFactory(services) };
  }

  createForContext(context: ReportContext): ReportingSubAgent {
    return new ReportingSubAgent(constructionKey, this.#services, context, this.#environment);
  }
}
