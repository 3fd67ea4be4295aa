import { DEADLINE_HEADER, deadlineAfter, type Deadline } from '../../core/deadline.ts';
import type { Clock } from '../../core/clock.ts';
import { newCorrelationId } from '../../core/ids.ts';
import { abortReason, raceAbort } from '../../core/abort.ts';
import { isNetraError } from '../../core/errors.ts';
import type { ReliabilityManager } from '../../reliability/index.ts';
import type { MessageBus, Subscription } from '../connectors/bus/message-bus.ts';
import type { CallOptions } from '../connectors/call.ts';
import { AgentError, RemoteAgentError } from './error-codes.ts';
import { agentReplySchema, replyTopic, requestTopic, type AgentReply, type AgentRequest } from './messages.ts';
import type { AskAgent } from './services.ts';

/** Longest that an answer is waited for, however far off the caller's own deadline is. */
const answerTimeoutMs = 15_000;

/** How a call reaches an agent without Kafka: `POST <host>/agents/<agent>/<action>`. */
export type DirectCall = (agent: string, action: string, input: object, call: CallOptions & { readonly correlationId: string; readonly userId?: string }) => Promise<unknown>;

export interface AskerOptions {
  readonly host: string;
  readonly bus: MessageBus;
  readonly clock: Clock;
  readonly reliability: ReliabilityManager;
  readonly direct: DirectCall;
  /** Off: a call has Kafka or nothing. */
  readonly directCalls: boolean;
}

interface Waiting {
  resolve(reply: AgentReply): void;
}

/** D10. An agent whose host was started again answers after seconds: asking it must not wait for the profile's minute. */
const retry = Object.freeze({ breaker: Object.freeze({ threshold: 3, recoveryMs: 5_000, rampSlots: 0 }) });

/**
 * Request/reply between agents (F07): requests on the agent's topic, answers on this host's own, put
 * together by call id. An answer that nobody waits for any more is dropped. While Kafka is down, or
 * refuses the request, the call goes directly (level 2).
 */
export class AgentAsker {
  readonly #options: AskerOptions;
  readonly #waiting = new Map<string, Waiting>();
  #replies: Promise<Subscription> | undefined;

  constructor(options: AskerOptions) {
    this.#options = options;
  }

  readonly ask: AskAgent = async <Output>(agent: string, action: string, input: object, options: CallOptions & { readonly userId?: string } = {}): Promise<Output> => {
    const { reliability, bus, directCalls } = this.#options;
    const correlationId = options.correlationId ?? newCorrelationId();
    const deadline = options.deadline?.within(answerTimeoutMs) ?? deadlineAfter(this.#options.clock, answerTimeoutMs);
    return reliability.executeSafely(
      async (call) => {
        const callOptions = { signal: call.signal, deadline, correlationId, ...(options.userId === undefined ? {} : { userId: options.userId }) };
        if (bus.state.up || !directCalls) {
          try {
            return (await this.#overBus(agent, action, input, callOptions)) as Output;
          } catch (error) {
            if (!directCalls || !this.#busFailed(error)) throw error;
          }
        }
        return (await this.#options.direct(agent, action, input, callOptions)) as Output;
      },
      `agent.${agent}`,
      { profile: 'AGENT', retry, breaker: `agent.${agent}`, correlationId, deadline, idempotent: true, ...(options.signal === undefined ? {} : { signal: options.signal }) },
    );
  };

  /** Joins this host's reply topic; called early so that the first request need not wait for it. */
  async listen(): Promise<void> {
    const { bus, host } = this.#options;
    this.#replies ??= bus
      .subscribe({
        topic: replyTopic(host),
        group: `replies.${host}`,
        // Answers from before this process are nobody's.
        fromBeginning: false,
        handle: async (message) => {
          const reply = agentReplySchema.parse(message.value);
          this.#waiting.get(reply.call_id)?.resolve(reply);
        },
      })
      .catch((error: unknown) => {
        this.#replies = undefined;
        throw error;
      });
    await this.#replies;
  }

  async close(signal?: AbortSignal): Promise<void> {
    // Joining may be under way, and take long: the bus ends what it has begun.
    const subscription = await raceAbort(this.#replies ?? Promise.resolve(undefined), signal).catch(() => undefined);
    await subscription?.stop(signal);
  }

  async #overBus(agent: string, action: string, input: object, call: { signal: AbortSignal; deadline: Deadline; correlationId: string; userId?: string }): Promise<unknown> {
    const { bus, clock, host } = this.#options;
    const callId = newCorrelationId();
    const request: AgentRequest = {
      call_id: callId,
      reply_to: replyTopic(host),
      action,
      input: input as Record<string, unknown>,
      ...(call.userId === undefined ? {} : { user_id: call.userId }),
    };
    const answered = Promise.withResolvers<AgentReply>();
    const onAbort = (): void => answered.reject(abortReason(call.signal));
    const cancelTimer = clock.setTimer(call.deadline.remainingMs(), () =>
      answered.reject(new AgentError('AGENT_NO_REPLY', `${agent}.${action} was asked over Kafka and has not answered in time`, { context: { agent, action } })),
    );
    call.signal.addEventListener('abort', onAbort, { once: true });
    // What is under way over a bus that goes down will not be answered in time: the caller asks directly instead.
    const stopWatching = bus.onStateChange((state) => {
      if (!state.up) answered.reject(new AgentError('AGENT_NO_REPLY', `Kafka went down while ${agent}.${action} was asked over it: ${state.reason}`, { context: { agent, action } }));
    });
    this.#waiting.set(callId, answered);
    try {
      const published = this.listen().then(() => bus.publish(requestTopic(agent), [{ key: callId, value: request, headers: { [DEADLINE_HEADER]: String(call.deadline.toWallMs()) } }], call));
      // The answer may be known before the publisher is sure; and a bus that goes down is known before it gives up.
      published.catch((error: unknown) => answered.reject(error));
      const reply = await answered.promise;
      if (!reply.ok) throw new RemoteAgentError(agent, reply.error);
      return reply.output;
    } finally {
      cancelTimer();
      stopWatching();
      call.signal.removeEventListener('abort', onAbort);
      this.#waiting.delete(callId);
    }
  }

  /** Only the way failed, not the agent: going directly cannot do twice what matters, since actions answer questions. */
  #busFailed(error: unknown): boolean {
    if (error instanceof RemoteAgentError) return false;
    return !this.#options.bus.state.up || (isNetraError(error) && error.code.startsWith('KAFKA_'));
  }
}
