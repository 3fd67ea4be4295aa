import type { ReportStrategy } from './strategy.ts';

/** Says what could not be told and why: an answer, never a lost job. */
export class FallbackStrategy implements ReportStrategy {
  readonly level = 'FALLBACK';
  readonly sections = ['summary'] as const;
  readonly asksModel = false;
  readonly needs = 'nothing';

  accepts(): boolean {
    return true;
  }
}
