import { z } from 'zod';
import { abortReason, raceAbort } from '../../core/abort.ts';
import { DEADLINE_HEADER, deadlineAfter, deadlineFromWall, type Deadline } from '../../core/deadline.ts';
import type { IncomingMessage, Subscription } from '../connectors/bus/message-bus.ts';
import type { CallOptions } from '../connectors/call.ts';
import type { ActionContext, AgentAction } from './action.ts';
import { AgentError, errorBody } from './error-codes.ts';
import { agentRequestSchema, replyTopicDefinition, requestTopic, type AgentReply } from './messages.ts';
import type { AgentServices } from './services.ts';

export interface InvokeOptions extends CallOptions {
  readonly correlationId: string;
  readonly userId?: string;
}

/** Runs one piece of work under the agent's eyes. */
type Counted = (action: string, correlationId: string, work: () => Promise<unknown>) => Promise<unknown>;

/** Level at and above which agents answer without changing anything (F08). */
const readOnlyLevel = 3;
/** An action's own questions end before its deadline, so that what came of them can still be told. */
const shareOfDeadline = 0.8;
/** For a request that came over Kafka without a deadline: a handler that hangs must not hold its partition for ever. */
const servedTimeoutMs = 60_000;
const partitionsAtOnce = 4;

/** One agent's actions, validated on the way in and out, whichever way a call comes. */
export class ActionServer {
  readonly #agent: string;
  readonly #actions: ReadonlyMap<string, AgentAction<unknown, unknown>>;
  readonly #services: AgentServices;

  constructor(agent: string, actions: readonly AgentAction<unknown, unknown>[], services: AgentServices) {
    this.#agent = agent;
    this.#actions = new Map(actions.map((action) => [action.name, action]));
    this.#services = services;
  }

  /** Ends at the call's deadline or abort, whatever the action does. */
  async invoke(name: string, input: unknown, call: InvokeOptions): Promise<unknown> {
    const action = this.#actions.get(name);
    if (action === undefined) {
      throw new AgentError('ACTION_UNKNOWN', `agent ${this.#agent} has no action '${name}'; it has ${[...this.#actions.keys()].join(', ') || 'none'}`);
    }
    const parsed = action.input.safeParse(input);
    if (!parsed.success) {
      throw new AgentError('ACTION_INPUT_INVALID', `${this.#agent}.${name}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`);
    }
    const handled = await this.#withinDeadline(name, call, (signal) => action.handle(parsed.data, this.#context(call, signal)));
    const output = action.output.safeParse(handled);
    if (!output.success) {
      throw new AgentError('ACTION_OUTPUT_INVALID', `${this.#agent}.${name} answered wrongly: ${z.prettifyError(output.error).replaceAll('\n', ' ')}`);
    }
    return output.data;
  }

  /**
   * Answers requests from Kafka, several at once; undefined where the agent has no actions. A request
   * whose deadline has passed is dropped: nobody waits for its answer.
   */
  serve(counted: Counted): Promise<Subscription> | undefined {
    if (this.#actions.size === 0) return undefined;
    return this.#services.bus.subscribe({
      topic: requestTopic(this.#agent),
      group: `agent.${this.#agent}`,
      concurrency: partitionsAtOnce,
      handle: (message, { signal }) => this.#answer(message, signal, counted),
    });
  }

  async #answer(message: IncomingMessage, signal: AbortSignal, counted: Counted): Promise<void> {
    const { bus, clock, logger } = this.#services;
    const { correlationId } = message;
    const request = agentRequestSchema.parse(message.value);
    const deadline = deadlineFromWall(clock, message.headers[DEADLINE_HEADER]) ?? deadlineAfter(clock, servedTimeoutMs);
    if (deadline.expired) {
      logger.info('request dropped: its deadline has passed', { agent: this.#agent, action: request.action, correlation_id: correlationId });
      return;
    }
    const call = { signal, correlationId, deadline, ...(request.user_id === undefined ? {} : { userId: request.user_id }) };
    let reply: AgentReply;
    try {
      const output = await counted(request.action, correlationId, () => this.invoke(request.action, request.input, call));
      reply = { call_id: request.call_id, agent: this.#agent, ok: true, output };
    } catch (error) {
      // Stopped, or the partition is somebody else's now: the request comes again, there or here.
      if (signal.aborted) throw abortReason(signal);
      logger.warn('call failed', { agent: this.#agent, action: request.action, correlation_id: correlationId, error });
      reply = { call_id: request.call_id, agent: this.#agent, ok: false, error: errorBody(error, correlationId).error };
    }
    bus.addTopic(replyTopicDefinition(request.reply_to));
    await bus.publish(request.reply_to, [{ key: request.call_id, value: reply }], { signal, correlationId });
  }

  #context(call: InvokeOptions, signal: AbortSignal): ActionContext {
    const services = this.#services;
    return {
      database: services.database,
      correlationId: call.correlationId,
      signal,
      readOnly: services.level() >= readOnlyLevel,
      ...(call.deadline === undefined ? {} : { deadline: call.deadline }),
      ...(call.userId === undefined ? {} : { userId: call.userId }),
      ask: (agent, action, input) => services.ask(agent, action, input, { ...call, signal, ...sooner(call.deadline) }),
    };
  }

  async #withinDeadline<T>(name: string, call: InvokeOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const { deadline } = call;
    const cancelTimer =
      deadline === undefined
        ? undefined
        : this.#services.clock.setTimer(deadline.remainingMs(), () => late.abort(new AgentError('AGENT_NO_REPLY', `${this.#agent}.${name} was not done by its deadline`)));
    const signal = call.signal === undefined ? late.signal : AbortSignal.any([call.signal, late.signal]);
    try {
      return await raceAbort(work(signal), signal);
    } finally {
      cancelTimer?.();
    }
  }
}

function sooner(deadline: Deadline | undefined): { readonly deadline?: Deadline } {
  return deadline === undefined ? {} : { deadline: deadline.within(deadline.remainingMs() * shareOfDeadline) };
}
