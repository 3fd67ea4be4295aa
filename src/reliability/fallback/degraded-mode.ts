import type { ErrorKind } from '../classify/error-class.ts';
import { serviceOf } from '../service-name.ts';
import { outageKinds, type FallbackStrategy } from './fallback.ts';

/** What one operation answers while its dependency is out. */
export interface DegradedMode {
  /** Told to the user: what is missing, and since when it is known. */
  readonly note: string;
  /** JSON. */
  readonly answer: unknown;
  /** Errors that it answers. @default outageKinds */
  readonly kinds?: readonly ErrorKind[];
}

/** By operation (`llm.summarise`), by service (`llm`), or `*` for all others; the closest one counts. Plain data, to be kept in configuration. */
export type DegradedModes = Readonly<Record<string, DegradedMode>>;

/**
 * Answers as the configuration says.
 * @param parse checks the configured answer, which is a fresh copy, and adds the note where the caller wants it; may throw
 */
export function degradedFallback<T>(modes: DegradedModes, parse: (answer: unknown, note: string) => T): FallbackStrategy<T> {
  const configured = structuredClone(modes);
  return {
    kind: 'degraded',
    recover: ({ name, errorClass }) => {
      const mode = modeOf(configured, name);
      if (mode === undefined || !(mode.kinds ?? outageKinds).includes(errorClass.kind)) return undefined;
      return { value: parse(structuredClone(mode.answer), mode.note) };
    },
  };
}

function modeOf(modes: DegradedModes, name: string): DegradedMode | undefined {
  const key = [name, serviceOf(name), '*'].find((candidate) => Object.hasOwn(modes, candidate));
  return key === undefined ? undefined : modes[key];
}
