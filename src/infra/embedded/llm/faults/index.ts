import { absurdRetryAfter } from './absurd-retry-after.ts';
import { awkwardFraming } from './awkward-framing.ts';
import { badKey } from './bad-key.ts';
import { billing } from './billing.ts';
import { bodyStall } from './body-stall.ts';
import { brokenGzip } from './broken-gzip.ts';
import { brokenRetryAfter } from './broken-retry-after.ts';
import { conflict } from './conflict.ts';
import { contentFilter } from './content-filter.ts';
import { contentLengthMismatch } from './content-length-mismatch.ts';
import { contextTooLong } from './context-too-long.ts';
import { duplicateChunk } from './duplicate-chunk.ts';
import { emptyAnswer } from './empty-answer.ts';
import { errorInStream } from './error-in-stream.ts';
import { fencedJson } from './fenced-json.ts';
import { forbidden } from './forbidden.ts';
import { geminiQuota } from './gemini-quota.ts';
import { hangUp } from './hang-up.ts';
import { invalidJsonLine } from './invalid-json-line.ts';
import { lengthStop } from './length-stop.ts';
import { lingerAfterDone } from './linger-after-done.ts';
import { midStreamStall } from './mid-stream-stall.ts';
import { missingUsage } from './missing-usage.ts';
import { overloaded } from './overloaded.ts';
import { promptFiltered } from './prompt-filtered.ts';
import { proseAroundJson } from './prose-around-json.ts';
import { proxyPage } from './proxy-page.ts';
import { quotaExhausted } from './quota-exhausted.ts';
import { rampTooFast } from './ramp-too-fast.ts';
import { rateLimit } from './rate-limit.ts';
import { refusal } from './refusal.ts';
import { reorderedChunk } from './reordered-chunk.ts';
import { requestTimeout } from './request-timeout.ts';
import { resetMidStream } from './reset-mid-stream.ts';
import { serverError } from './server-error.ts';
import { shouldRetry } from './should-retry.ts';
import { slowFirstToken } from './slow-first-token.ts';
import { slowHeaders } from './slow-headers.ts';
import { slowTokens } from './slow-tokens.ts';
import { staleAnswer } from './stale-answer.ts';
import { stallWithHeartbeats } from './stall-with-heartbeats.ts';
import { timeoutAfterCommit } from './timeout-after-commit.ts';
import { tooLarge } from './too-large.ts';
import { truncatedJson } from './truncated-json.ts';
import { truncatedSuccess } from './truncated-success.ts';
import { truncatedToolArguments } from './truncated-tool-arguments.ts';
import { unknownModel } from './unknown-model.ts';
import { unprocessable } from './unprocessable.ts';
import { windowQuota } from './window-quota.ts';
import { wrongContentType } from './wrong-content-type.ts';
import { wrongModel } from './wrong-model.ts';
import { wrongSchema } from './wrong-schema.ts';
import { wrongValue } from './wrong-value.ts';
import type { LlmFaultKind } from './define-fault.ts';

/** Every fault that the gateway can put in front of a model. */
export const llmFaultKinds: readonly LlmFaultKind[] = [
  badKey,
  forbidden,
  unknownModel,
  contextTooLong,
  promptFiltered,
  billing,
  tooLarge,
  requestTimeout,
  conflict,
  unprocessable,
  rateLimit,
  rampTooFast,
  quotaExhausted,
  absurdRetryAfter,
  brokenRetryAfter,
  shouldRetry,
  serverError,
  overloaded,
  proxyPage,
  geminiQuota,
  windowQuota,
  slowHeaders,
  slowFirstToken,
  slowTokens,
  midStreamStall,
  stallWithHeartbeats,
  bodyStall,
  lingerAfterDone,
  truncatedSuccess,
  resetMidStream,
  hangUp,
  timeoutAfterCommit,
  errorInStream,
  invalidJsonLine,
  awkwardFraming,
  duplicateChunk,
  reorderedChunk,
  contentLengthMismatch,
  wrongContentType,
  brokenGzip,
  truncatedToolArguments,
  truncatedJson,
  lengthStop,
  contentFilter,
  refusal,
  emptyAnswer,
  missingUsage,
  fencedJson,
  proseAroundJson,
  wrongSchema,
  wrongValue,
  staleAnswer,
  wrongModel,
];
