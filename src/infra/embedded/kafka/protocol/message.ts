import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';
import type { BrokerState } from '../broker-state.ts';

/** What a handler knows of the connection that a request came by. */
export interface RequestContext {
  readonly broker: BrokerState;
  readonly clientId: string;
  readonly clientHost: string;
  /** The address that clients of this listener are told to connect to. */
  readonly advertised: { readonly host: string; readonly port: number };
  /** Aborts when the connection is closed: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Closes the connection, where that is the protocol's only way to say no. */
  disconnect(): void;
}

export interface ApiRange {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

interface MessageDefinition<Request, Response> extends ApiRange {
  readonly name: string;
  readonly read: (reader: Reader, version: number) => Request;
  /** undefined: the client expects no answer. */
  readonly handle: (request: Request, context: RequestContext, version: number) => Response | undefined | Promise<Response | undefined>;
  readonly write: (writer: Writer, response: Response, version: number) => void;
}

/** One row of the registry. `serve` resolves to whether `writer` now holds an answer. */
export interface Message extends ApiRange {
  readonly name: string;
  serve(reader: Reader, version: number, context: RequestContext, writer: Writer): boolean | Promise<boolean>;
}

/** Joins a message's three parts, so that the registry need not know their types. */
export function defineMessage<Request, Response>(definition: MessageDefinition<Request, Response>): Message {
  const { apiKey, name, minVersion, maxVersion } = definition;
  return {
    apiKey,
    name,
    minVersion,
    maxVersion,
    serve(reader, version, context, writer) {
      const request = definition.read(reader, version);
      reader.end();
      const reply = (response: Response | undefined): boolean => {
        if (response === undefined) return false;
        definition.write(writer, response, version);
        return true;
      };
      const handled = definition.handle(request, context, version);
      return handled instanceof Promise ? handled.then(reply) : reply(handled);
    },
  };
}
