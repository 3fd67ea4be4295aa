import type { Fact, FactSheet } from '../../../../src/fleet/data/fact.ts';
import { sectionNames, type ReportResult, type SectionContent } from '../../../../src/fleet/jobs/job.ts';
import type { CheckpointContext } from '../../../../src/fleet/reporting/checkpoints/checkpoint-context.ts';
import type { ReportContext } from '../../../../src/fleet/reporting/report-context.ts';
import type { ReportKey, ReportStore } from '../../../../src/fleet/reporting/report-store.ts';

export const period = { from: '2025-01-01', to: '2025-03-31' };

export const orderFacts: readonly Fact[] = [
  { id: 'order.revenue_total', agent: 'order', label: 'Revenue of orders placed in the period', value: 123_456, unit: 'money', currency: 'EUR', display: '1,234.56 EUR' },
  { id: 'order.count', agent: 'order', label: 'Orders placed in the period', value: 2041, unit: 'count', display: '2,041 orders' },
  { id: 'order.top_product', agent: 'order', label: 'Units sold', value: 87, unit: 'count', display: '87 units', subject: 'Café table' },
];

export const paymentFacts: readonly Fact[] = [{ id: 'payment.open', agent: 'payment', label: 'Open payments', value: 17, unit: 'count', display: '17 payments' }];

export function sheet(agent: string, facts: readonly Fact[], missing: readonly string[] = []): FactSheet {
  return { agent, period, facts, missing, asOf: '2025-03-31' };
}

let counter = 0;

export function reportContext(overrides: Partial<ReportContext> = {}): ReportContext {
  counter += 1;
  return {
    jobId: `run-${counter}`,
    userId: 'user-1',
    correlationId: `correlation-${counter}`,
    question: 'How is revenue developing?',
    period,
    factSheets: [sheet('order', orderFacts), sheet('payment', paymentFacts)],
    missing: [],
    attemptFloor: 0,
    signal: new AbortController().signal,
    ...overrides,
  };
}

export function checkpointContext(overrides: Partial<CheckpointContext> = {}): CheckpointContext {
  counter += 1;
  return { userId: 'user-1', jobId: `run-${counter}`, correlationId: `correlation-${counter}`, planHash: 'plan-1', totalSections: sectionNames.length, ...overrides };
}

/** Of about `bytes` bytes as JSON, different for each `mark`. */
export function contentOf(mark: string, bytes = 200): SectionContent {
  return { heading: `Heading ${mark}`, paragraphs: [`${mark} ${'Umsätze stiegen deutlich. '.repeat(Math.ceil(bytes / 27))}`], items: ['first', 'second'] };
}

/** Reports kept in memory by the port's rules; counts what reaches it. */
export class MemoryReportStore implements ReportStore {
  readonly reports = new Map<string, ReportResult>();
  readonly tokens = new Map<string, number>();
  calls = 0;
  failure: Error | undefined;

  async find(key: ReportKey): Promise<ReportResult | null> {
    if (this.failure !== undefined) throw this.failure;
    return this.reports.get(key.jobId) ?? null;
  }

  async store(key: ReportKey, result: ReportResult, fencingToken: number): Promise<'stored' | 'already_there' | 'stale'> {
    this.calls += 1;
    if (this.failure !== undefined) throw this.failure;
    if (this.reports.has(key.jobId)) return 'already_there';
    if ((this.tokens.get(key.jobId) ?? 0) > fencingToken) return 'stale';
    this.tokens.set(key.jobId, fencingToken);
    this.reports.set(key.jobId, result);
    return 'stored';
  }
}
