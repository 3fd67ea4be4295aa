import type { ErrorRule } from './error-class.ts';

const bugs: ReadonlySet<unknown> = new Set(['TypeError', 'ReferenceError', 'RangeError', 'EvalError', 'URIError', 'AssertionError']);

/** Errors of the language: trying again repeats the bug, and says nothing about a dependency, which may never have been asked. */
export const javascriptRule: ErrorRule = (error) => {
  // JSON.parse: what the dependency sent makes no sense.
  if (error.name === 'SyntaxError') {
    return { kind: 'serialization', retriable: false, maybeExecuted: true, blame: 'dependency', retryAfterMs: undefined, source: 'javascript' };
  }
  if (!bugs.has(error.name)) return undefined;
  return { kind: 'bug', retriable: false, maybeExecuted: true, blame: 'not-asked', retryAfterMs: undefined, source: 'javascript' };
};
