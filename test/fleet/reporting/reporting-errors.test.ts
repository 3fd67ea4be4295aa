import { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { ConnectorError } from '../../../src/fleet/error-codes.ts';
import { CheckpointTooLargeError, RefusedOutputError, StaleWriterError, UngroundedOutputError, UnreadableOutputError } from '../../../src/fleet/reporting/error-codes.ts';
import { ReportingErrorHandler, strategyByErrorType } from '../../../src/fleet/reporting/fallback/reporting-error-handler.ts';
import { CircuitBreakerOpenError, DeadlineExceededError, TimeoutError } from '../../../src/reliability/index.ts';

const handler = new ReportingErrorHandler(systemClock);
const syntaxError = ((): unknown => {
  try {
    return JSON.parse('{');
  } catch (error) {
    return error;
  }
})();

describe('the reporting error handler', () => {
  it('D08 has a strategy for each type of error', () => {
    expect(strategyByErrorType).toEqual({
      validation: 'degrade_gracefully',
      timeout: 'retry_with_backoff',
      serialization: 'use_fallback_format',
      llm: 'use_cached_or_template',
      redis: 'continue_without_cache',
      other: 'degrade_gracefully',
    });
  });

  it.each<[string, unknown, string, boolean]>([
    ['ungrounded numbers', new UngroundedOutputError('summary', ['7']), 'validation', false],
    ['a schema that does not hold', z.string().safeParse(1).error, 'validation', false],
    ['a timeout', new TimeoutError('llm.complete', 100, 'total'), 'timeout', true],
    ['a deadline', new DeadlineExceededError('llm.complete', true), 'timeout', true],
    ['an aborted timer', new DOMException('timed out', 'TimeoutError'), 'timeout', true],
    ['text that is no section', new UnreadableOutputError('summary', 'no object'), 'serialization', false],
    ['text that is no JSON', syntaxError, 'serialization', false],
    ['no connection to the model', new ConnectorError('LLM_UNAVAILABLE', 'gone'), 'llm', true],
    ['a quota', new ConnectorError('LLM_QUOTA_EXHAUSTED', 'spent'), 'llm', true],
    ['an open breaker', new CircuitBreakerOpenError('llm', 'open', 1_000), 'llm', true],
    ['a refused connection', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'llm', true],
    ['a refusal', new RefusedOutputError('summary', 'content_filter'), 'llm', false],
    ['no Redis', new ConnectorError('REDIS_UNAVAILABLE', 'gone'), 'redis', false],
    ['a checkpoint that is too large', new CheckpointTooLargeError('summary', 2, 1), 'redis', false],
    ['something nobody foresaw', new Error('?'), 'other', false],
    ['no error at all', 'text', 'other', false],
    ['a lost run', new StaleWriterError('x', 1, 2), 'other', false],
  ])('D08 knows %s', (_what, error, type, modelUnavailable) => {
    expect(handler.decide(error)).toMatchObject({ type, modelUnavailable });
  });
});
