import { z } from 'zod';
import type { Subscription } from '../connectors/bus/message-bus.ts';
import type { CallOptions } from '../connectors/call.ts';
import { DEADLINE_HEADER, deadlineFromWall } from '../../core/deadline.ts';
import type { ActionContext, AgentAction } from './action.ts';
import { AgentError, errorBody } from './error-codes.ts';
import { agentRequestSchema, replyTopicDefinition, requestTopic, type AgentReply } from './messages.ts';
import type { AgentServices } from './services.ts';

export interface InvokeOptions extends CallOptions {
  readonly correlationId: string;
  readonly userId?: string;
}

/** Level at and above which agents answer without changing anything (F08). */
const readOnlyLevel = 3;

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

  async invoke(name: string, input: unknown, call: InvokeOptions): Promise<unknown> {
    const action = this.#actions.get(name);
    if (action === undefined) {
      throw new AgentError('ACTION_UNKNOWN', `agent ${this.#agent} has no action '${name}'; it has ${[...this.#actions.keys()].join(', ') || 'none'}`);
    }
    const parsed = action.input.safeParse(input);
    if (!parsed.success) {
      throw new AgentError('ACTION_INPUT_INVALID', `${this.#agent}.${name}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`);
    }
    const services = this.#services;
    const context: ActionContext = {
      database: services.database,
      correlationId: call.correlationId,
      signal: call.signal ?? new AbortController().signal,
      readOnly: services.level() >= readOnlyLevel,
      ...(call.deadline === undefined ? {} : { deadline: call.deadline }),
      ...(call.userId === undefined ? {} : { userId: call.userId }),
      ask: (agent, other, otherInput) => services.ask(agent, other, otherInput, call),
    };
    const output = action.output.safeParse(await action.handle(parsed.data, context));
    if (!output.success) {
      throw new AgentError('ACTION_OUTPUT_INVALID', `${this.#agent}.${name} answered wrongly: ${z.prettifyError(output.error).replaceAll('\n', ' ')}`);
    }
    return output.data;
  }

  /**
   * Answers requests from Kafka, several at once; undefined where the agent has no actions. A request
   * whose deadline has passed is dropped: nobody waits for its answer.
   */
  async serve(counted: (work: () => Promise<unknown>) => Promise<unknown>): Promise<Subscription | undefined> {
    if (this.#actions.size === 0) return undefined;
    const { bus, clock, logger } = this.#services;
    const topic = requestTopic(this.#agent);
    return bus.subscribe({
      topic,
      group: `agent.${this.#agent}`,
      concurrency: 4,
      handle: async (message, { signal }) => {
        const request = agentRequestSchema.parse(message.value);
        const deadline = deadlineFromWall(clock, message.headers[DEADLINE_HEADER]);
        if (deadline?.expired === true) {
          logger.debug('request dropped: its deadline has passed', { agent: this.#agent, action: request.action, correlation_id: message.correlationId });
          return;
        }
        const call = {
          signal,
          correlationId: message.correlationId,
          ...(deadline === undefined ? {} : { deadline }),
          ...(request.user_id === undefined ? {} : { userId: request.user_id }),
        };
        let reply: AgentReply;
        try {
          const output = await counted(() => this.invoke(request.action, request.input, call));
          reply = { call_id: request.call_id, agent: this.#agent, ok: true, output };
        } catch (error) {
          logger.warn('call failed', { agent: this.#agent, action: request.action, correlation_id: message.correlationId, error });
          reply = { call_id: request.call_id, agent: this.#agent, ok: false, error: errorBody(error, message.correlationId).error };
        }
        bus.addTopic(replyTopicDefinition(request.reply_to));
        await bus.publish(request.reply_to, [{ key: request.call_id, value: reply }], call);
      },
    });
  }
}
