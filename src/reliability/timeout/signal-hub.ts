import { abortReason } from '../../core/abort.ts';

export interface Cancellable {
  /** Called once when the signal aborts, with its reason as an Error. */
  cancel(reason: Error): void;
}

/** Ends a subscription; calling it again does nothing. */
export interface HubTicket {
  leave(): void;
}

const hubs = new WeakMap<AbortSignal, SignalHub>();

/** Tells `member` when `signal`, which must not be aborted yet, aborts. */
export function joinSignal(signal: AbortSignal, member: Cancellable): HubTicket {
  let hub = hubs.get(signal);
  if (hub === undefined) {
    hub = new SignalHub(signal);
    hubs.set(signal, hub);
  }
  return hub.join(member);
}

/**
 * One listener on a signal, however many calls wait for it: an EventTarget keeps its listeners in
 * a list that is walked at each add and remove, so that ten thousand calls under one run-wide
 * signal would each pay for all others.
 */
class SignalHub {
  readonly #signal: AbortSignal;
  #head: Member | undefined;
  #listening = false;
  #leavePlanned = false;
  readonly #onAbort = (): void => {
    this.#listening = false;
    const reason = abortReason(this.#signal);
    for (let member = this.#head; member !== undefined; member = this.#head) {
      const { cancellable } = member;
      member.leave();
      cancellable?.cancel(reason);
    }
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  join(cancellable: Cancellable): Member {
    const member = new Member(this, cancellable, this.#head);
    if (this.#head !== undefined) this.#head.previous = member;
    this.#head = member;
    if (!this.#listening) {
      this.#listening = true;
      this.#signal.addEventListener('abort', this.#onAbort, { once: true });
    }
    return member;
  }

  remove(member: Member): void {
    if (member.previous === undefined) this.#head = member.next;
    else member.previous.next = member.next;
    if (member.next !== undefined) member.next.previous = member.previous;
    if (this.#head !== undefined || this.#leavePlanned || !this.#listening) return;
    // One turn later, or a sequence of short calls would add and remove the listener each time.
    this.#leavePlanned = true;
    setImmediate(() => {
      this.#leavePlanned = false;
      if (this.#head !== undefined || !this.#listening) return;
      this.#listening = false;
      this.#signal.removeEventListener('abort', this.#onAbort);
    });
  }
}

class Member implements HubTicket {
  readonly #hub: SignalHub;
  cancellable: Cancellable | undefined;
  previous: Member | undefined;
  next: Member | undefined;

  constructor(hub: SignalHub, cancellable: Cancellable, next: Member | undefined) {
    this.#hub = hub;
    this.cancellable = cancellable;
    this.previous = undefined;
    this.next = next;
  }

  leave(): void {
    if (this.cancellable === undefined) return;
    this.cancellable = undefined;
    this.#hub.remove(this);
  }
}
