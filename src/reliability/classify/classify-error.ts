import type { Clock } from '../../core/clock.ts';
import type { ClassifyContext, ErrorClass, ErrorLike, ErrorRule } from './error-class.ts';
import { httpRule } from './http.ts';
import { javascriptRule } from './javascript.ts';
import { kafkaRule } from './kafka.ts';
import { netraRule } from './netra.ts';
import { nodeRule } from './node.ts';
import { postgresRule } from './postgres.ts';
import { redisRule } from './redis.ts';
import { sqliteRule } from './sqlite.ts';
import { websocketRule } from './websocket.ts';

/**
 * In this order: the first rule that knows the error decides. The clients come before Node, since
 * some of them use its names for their own (an `AbortError` of ioredis is a lost connection).
 */
const rules: readonly ErrorRule[] = [netraRule, httpRule, kafkaRule, redisRule, postgresRule, sqliteRule, websocketRule, nodeRule, javascriptRule];

const MAX_CAUSES = 5;

/** An error nobody knows: it counts against the dependency and may be tried again where repeating is harmless. */
const unknown: ErrorClass = Object.freeze({
  kind: 'unknown',
  retriable: true,
  maybeExecuted: true,
  blame: 'dependency',
  retryAfterMs: undefined,
  source: 'unknown',
});

/** Says what `error` means: see `ErrorClass`. Never throws, whatever was thrown. */
export function classifyError(error: unknown, clock: Pick<Clock, 'now'>): ErrorClass {
  try {
    return classifyAtDepth(error, clock.now(), 0);
  } catch {
    // A getter of a hostile error object threw: nothing can be known of it.
    return unknown;
  }
}

function classifyAtDepth(error: unknown, wallNowMs: number, depth: number): ErrorClass {
  if (typeof error !== 'object' || error === null || depth > MAX_CAUSES) return unknown;
  const context: ClassifyContext = { wallNowMs, classify: (inner) => classifyAtDepth(inner, wallNowMs, depth + 1) };
  for (const rule of rules) {
    const answer = rule(error, context);
    if (answer !== undefined) return answer;
  }
  const { cause } = error as ErrorLike;
  return typeof cause === 'object' && cause !== null ? classifyAtDepth(cause, wallNowMs, depth + 1) : unknown;
}
