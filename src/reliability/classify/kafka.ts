import type { ErrorRule } from './error-class.ts';
import { broken, classOf, contended, crashed, misuse, notReached, rateLimited, refusedAs, slow, slowConnect, unavailable, type Facts } from './facts.ts';

/** kafkajs's own errors, by name. */
const byName: Readonly<Record<string, Facts>> = {
  KafkaJSConnectionClosedError: broken,
  KafkaJSRequestTimeoutError: slow,
  KafkaJSNoBrokerAvailableError: notReached,
  KafkaJSBrokerNotFound: unavailable,
  KafkaJSMetadataNotLoaded: unavailable,
  KafkaJSTopicMetadataNotLoaded: unavailable,
  KafkaJSStaleTopicMetadataAssignment: unavailable,
  // kafkajs calls it final; the coordinator of a young cluster appears within seconds.
  KafkaJSGroupCoordinatorNotFound: unavailable,
  KafkaJSLockTimeout: slow,
  KafkaJSTimeout: slow,
  KafkaJSSASLAuthenticationError: refusedAs('auth'),
  KafkaJSNotImplemented: misuse,
  KafkaJSInvariantViolation: misuse,
  KafkaJSServerDoesNotSupportApiKey: refusedAs('invalid'),
  KafkaJSPartialMessageError: broken,
};

/** Errors of the protocol that are neither "try again, nothing was done" nor "never". */
const byType: Readonly<Record<string, Facts>> = {
  REQUEST_TIMED_OUT: slow,
  NETWORK_EXCEPTION: broken,
  // Written by the leader, not yet by enough of the others.
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: crashed,
  UNKNOWN: crashed,
  BROKER_NOT_AVAILABLE: unavailable,
  REBALANCE_IN_PROGRESS: contended,
  ILLEGAL_GENERATION: contended,
  UNKNOWN_MEMBER_ID: contended,
  CONCURRENT_TRANSACTIONS: contended,
  THROTTLING_QUOTA_EXCEEDED: rateLimited,
  TOPIC_ALREADY_EXISTS: refusedAs('conflict'),
  TOPIC_AUTHORIZATION_FAILED: refusedAs('auth'),
  GROUP_AUTHORIZATION_FAILED: refusedAs('auth'),
  CLUSTER_AUTHORIZATION_FAILED: refusedAs('auth'),
  SASL_AUTHENTICATION_FAILED: refusedAs('auth'),
};

export const kafkaRule: ErrorRule = (error, { classify }) => {
  if (typeof error.name !== 'string' || !error.name.startsWith('KafkaJS')) return undefined;
  if (typeof error.type === 'string') {
    return classOf(byType[error.type] ?? (error.retriable === true ? unavailable : refusedAs('invalid')), 'kafka');
  }
  if (error.name === 'KafkaJSConnectionError') {
    // The text names the socket error's code, or says that the connect took too long.
    if (typeof error.code === 'string') return { ...classify({ code: error.code }), source: 'kafka' };
    return classOf(error.message === 'Connection timeout' ? slowConnect : notReached, 'kafka');
  }
  const facts = byName[error.name];
  if (facts !== undefined) return classOf(facts, 'kafka');
  // "Number of retries exceeded" and other wrappers: what is inside counts, also where kafkajs ran out of its own retries.
  if (typeof error.cause === 'object' && error.cause !== null) return classify(error.cause);
  if (Array.isArray(error.errors) && error.errors.length > 0) return classify(error.errors[0]);
  return classOf(error.retriable === true ? broken : refusedAs('invalid'), 'kafka');
};
