import type { Clock } from '../../../core/clock.ts';
import type { LlmMiddleware } from './llm-call.ts';

export interface LlmGatewayOptions {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** @default 0, the system chooses */
  readonly port?: number;
  /** A second address, for clients that cannot reach the first; only the model is behind it, not what steers the gateway (`/netra/…`). */
  readonly alsoHost?: string;
  /** NDJSON file, started anew. */
  readonly logPath: string;
  /** What clients have to send as bearer token; without it any will do. */
  readonly apiKey?: string;
  /** The model's name as clients ask for it. @default 'netra-builtin' */
  readonly model?: string;
  /** Seed of the built-in model. @default '0' */
  readonly seed?: string;
  /** Built-in model: milliseconds to the first token. @default 0 */
  readonly latencyMs?: number;
  /** Built-in model: speed after the first token; 0 = unlimited. @default 0 */
  readonly tokensPerSecond?: number;
  /** Forwards to another OpenAI-compatible server instead of answering itself. */
  readonly forward?: {
    /** Base URL: `https://host/v1`. */
    readonly baseUrl: string;
    readonly apiKey?: string;
    /** The upstream's names by the clients'; null = the first that it lists. A name that is not in it is passed on as it is. */
    readonly models?: Readonly<Record<string, string | null>>;
    /** For one answer from request to last byte. @default 600000 */
    readonly timeoutMs?: number;
  };
  /** Between HTTP and the model, the first outermost. */
  readonly middleware?: readonly LlmMiddleware[];
  /** Bytes of a request body. @default 4194304 */
  readonly maxBodyBytes?: number;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Told once, in a sentence, when the log can no longer be written. */
  readonly onWarning?: (message: string) => void;
}
