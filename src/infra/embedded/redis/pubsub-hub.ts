import { matchesGlob } from './glob.ts';
import type { Session } from './session.ts';

type Subscribers = Map<string, Set<Session>>;

/** Who listens to which channel or pattern. */
export class PubsubHub {
  readonly #channels: Subscribers = new Map();
  readonly #patterns: Subscribers = new Map();

  subscribe(session: Session, channel: string): void {
    add(this.#channels, channel, session);
    session.channels.add(channel);
  }

  unsubscribe(session: Session, channel: string): void {
    remove(this.#channels, channel, session);
    session.channels.delete(channel);
  }

  subscribePattern(session: Session, pattern: string): void {
    add(this.#patterns, pattern, session);
    session.patterns.add(pattern);
  }

  unsubscribePattern(session: Session, pattern: string): void {
    remove(this.#patterns, pattern, session);
    session.patterns.delete(pattern);
  }

  drop(session: Session): void {
    for (const channel of session.channels) this.unsubscribe(session, channel);
    for (const pattern of session.patterns) this.unsubscribePattern(session, pattern);
  }

  /** Sends to everyone who listens; how many were sent to, a client counted once for each pattern too. */
  publish(channel: string, message: string): number {
    let receivers = 0;
    for (const session of this.#channels.get(channel) ?? []) {
      session.transport.send(['message', channel, message]);
      receivers++;
    }
    for (const [pattern, sessions] of this.#patterns) {
      if (!matchesGlob(pattern, channel)) continue;
      for (const session of sessions) {
        session.transport.send(['pmessage', pattern, channel, message]);
        receivers++;
      }
    }
    return receivers;
  }

  channels(pattern: string | undefined): string[] {
    return [...this.#channels.keys()].filter((channel) => pattern === undefined || matchesGlob(pattern, channel));
  }

  subscriberCount(channel: string): number {
    return this.#channels.get(channel)?.size ?? 0;
  }

  get patternCount(): number {
    return this.#patterns.size;
  }
}

function add(subscribers: Subscribers, name: string, session: Session): void {
  const sessions = subscribers.get(name) ?? new Set<Session>();
  subscribers.set(name, sessions.add(session));
}

function remove(subscribers: Subscribers, name: string, session: Session): void {
  const sessions = subscribers.get(name);
  sessions?.delete(session);
  if (sessions?.size === 0) subscribers.delete(name);
}
