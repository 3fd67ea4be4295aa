import type { BulkheadConfig } from './bulkhead.ts';
import type { CallRequest } from './call/call-plan.ts';
import type { HedgeConfig } from './hedge.ts';
import type { ProfileName } from './profiles.ts';
import type { RetryConfig } from './retry/retry-config.ts';

/** The part of the options that a plan is made from. */
export interface CallSettings {
  /** @default 'API' */
  readonly profile?: ProfileName | undefined;
  /** On top of the profile's. */
  readonly retry?: Partial<RetryConfig> | undefined;
  /** Whether the call may be repeated although it may have been carried out. @default true with an `idempotencyKey`, else the profile's */
  readonly idempotent?: boolean | undefined;
  /** Sent with every attempt by the operation, so that the server recognises a repetition. */
  readonly idempotencyKey?: string | undefined;
  /** Key of the breaker, or false for none. @default the service: `redis` of `redis.get` */
  readonly breaker?: string | false | undefined;
  /** The service's bulkhead: settings of the first call that has any count. @default the profile's */
  readonly bulkhead?: BulkheadConfig | false | undefined;
  /** @default the profile's */
  readonly hedge?: HedgeConfig | false | undefined;
}

export interface ExecuteOptions<T> extends CallSettings, CallRequest<T> {}

/** An options object that is changed later is another set of options: kept is what it said now. */
export function copySettings({ profile, retry, idempotent, idempotencyKey, breaker, bulkhead, hedge }: CallSettings): CallSettings {
  return { profile, retry: retry && { ...retry }, idempotent, idempotencyKey, breaker, bulkhead: bulkhead && { ...bulkhead }, hedge: hedge && { ...hedge } };
}

/** Whether a plan made from `known` also serves `given`. Compares contents, since callers write their options as literals. */
export function sameSettings(known: CallSettings, given: CallSettings): boolean {
  return (
    known.profile === given.profile &&
    known.idempotent === given.idempotent &&
    known.breaker === given.breaker &&
    // The key differs from call to call; only whether there is one matters.
    (known.idempotencyKey === undefined) === (given.idempotencyKey === undefined) &&
    sameFields(known.retry, given.retry) &&
    sameFields(known.bulkhead, given.bulkhead) &&
    sameFields(known.hedge, given.hedge)
  );
}

function sameFields(known: object | false | undefined, given: object | false | undefined): boolean {
  if (typeof known !== 'object' || typeof given !== 'object') return known === given;
  // `for in` over both, since it allocates nothing; neither has inherited fields that count.
  for (const key in given) if (known[key as keyof typeof known] !== given[key as keyof typeof given]) return false;
  for (const key in known) if (!(key in given)) return false;
  return true;
}
