import type { FaultDefinition } from '../fault.ts';
import { llmAbsurdRetryAfter } from './llm-absurd-retry-after.ts';
import { llmAwkwardFraming } from './llm-awkward-framing.ts';
import { llmBadKey } from './llm-bad-key.ts';
import { llmBilling } from './llm-billing.ts';
import { llmBodyStall } from './llm-body-stall.ts';
import { llmBrokenGzip } from './llm-broken-gzip.ts';
import { llmBrokenRetryAfter } from './llm-broken-retry-after.ts';
import { llmConflict } from './llm-conflict.ts';
import { llmContentFilter } from './llm-content-filter.ts';
import { llmContentLengthMismatch } from './llm-content-length-mismatch.ts';
import { llmContextTooLong } from './llm-context-too-long.ts';
import { llmDuplicateChunk } from './llm-duplicate-chunk.ts';
import { llmEmptyAnswer } from './llm-empty-answer.ts';
import { llmErrorInStream } from './llm-error-in-stream.ts';
import { llmFencedJson } from './llm-fenced-json.ts';
import { llmForbidden } from './llm-forbidden.ts';
import { llmGeminiQuota } from './llm-gemini-quota.ts';
import { llmHangUp } from './llm-hang-up.ts';
import { llmInvalidJsonLine } from './llm-invalid-json-line.ts';
import { llmLengthStop } from './llm-length-stop.ts';
import { llmLingerAfterDone } from './llm-linger-after-done.ts';
import { llmMidStreamStall } from './llm-mid-stream-stall.ts';
import { llmMissingUsage } from './llm-missing-usage.ts';
import { llmOverloaded } from './llm-overloaded.ts';
import { llmPromptFiltered } from './llm-prompt-filtered.ts';
import { llmProseAroundJson } from './llm-prose-around-json.ts';
import { llmProxyPage } from './llm-proxy-page.ts';
import { llmQuotaExhausted } from './llm-quota-exhausted.ts';
import { llmRampTooFast } from './llm-ramp-too-fast.ts';
import { llmRateLimit } from './llm-rate-limit.ts';
import { llmRefusal } from './llm-refusal.ts';
import { llmReorderedChunk } from './llm-reordered-chunk.ts';
import { llmRequestTimeout } from './llm-request-timeout.ts';
import { llmResetMidStream } from './llm-reset-mid-stream.ts';
import { llmServerError } from './llm-server-error.ts';
import { llmShouldRetry } from './llm-should-retry.ts';
import { llmSlowFirstToken } from './llm-slow-first-token.ts';
import { llmSlowHeaders } from './llm-slow-headers.ts';
import { llmSlowTokens } from './llm-slow-tokens.ts';
import { llmStaleAnswer } from './llm-stale-answer.ts';
import { llmStallWithHeartbeats } from './llm-stall-with-heartbeats.ts';
import { llmTimeoutAfterCommit } from './llm-timeout-after-commit.ts';
import { llmTooLarge } from './llm-too-large.ts';
import { llmTruncatedJson } from './llm-truncated-json.ts';
import { llmTruncatedSuccess } from './llm-truncated-success.ts';
import { llmTruncatedToolArguments } from './llm-truncated-tool-arguments.ts';
import { llmUnknownModel } from './llm-unknown-model.ts';
import { llmUnprocessable } from './llm-unprocessable.ts';
import { llmWindowQuota } from './llm-window-quota.ts';
import { llmWrongContentType } from './llm-wrong-content-type.ts';
import { llmWrongModel } from './llm-wrong-model.ts';
import { llmWrongSchema } from './llm-wrong-schema.ts';
import { llmWrongValue } from './llm-wrong-value.ts';

/** Faults in front of whatever model is used. */
export const llmFaults: readonly FaultDefinition[] = [
  llmBadKey,
  llmForbidden,
  llmUnknownModel,
  llmContextTooLong,
  llmPromptFiltered,
  llmBilling,
  llmTooLarge,
  llmRequestTimeout,
  llmConflict,
  llmUnprocessable,
  llmRateLimit,
  llmRampTooFast,
  llmQuotaExhausted,
  llmAbsurdRetryAfter,
  llmBrokenRetryAfter,
  llmShouldRetry,
  llmServerError,
  llmOverloaded,
  llmProxyPage,
  llmGeminiQuota,
  llmWindowQuota,
  llmSlowHeaders,
  llmSlowFirstToken,
  llmSlowTokens,
  llmMidStreamStall,
  llmStallWithHeartbeats,
  llmBodyStall,
  llmLingerAfterDone,
  llmTruncatedSuccess,
  llmResetMidStream,
  llmHangUp,
  llmTimeoutAfterCommit,
  llmErrorInStream,
  llmInvalidJsonLine,
  llmAwkwardFraming,
  llmDuplicateChunk,
  llmReorderedChunk,
  llmContentLengthMismatch,
  llmWrongContentType,
  llmBrokenGzip,
  llmTruncatedToolArguments,
  llmTruncatedJson,
  llmLengthStop,
  llmContentFilter,
  llmRefusal,
  llmEmptyAnswer,
  llmMissingUsage,
  llmFencedJson,
  llmProseAroundJson,
  llmWrongSchema,
  llmWrongValue,
  llmStaleAnswer,
  llmWrongModel,
];
