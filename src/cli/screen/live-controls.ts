import type { RunControls } from '../../chaos/engine/live-faults.ts';
import { faultChoices, parseFaultParameters } from '../../chaos/faults/fault-choices.ts';
import type { LiveControls } from '../../tui/live/live-source.ts';
import type { FaultRequest } from '../../tui/ui/screen-props.ts';

/** The engine's controls as the screen has them: what was typed becomes what a fault takes. */
export function liveControls({ faults }: RunControls, hosts: readonly string[]): LiveControls {
  return {
    choices: faultChoices(hosts),
    inject: ({ type, target, parameters, length }: FaultRequest) => {
      const parsed = parseFaultParameters(type, parameters);
      if (!parsed.ok) return Promise.reject(new Error(Object.entries(parsed.problems).map(([name, problem]) => `${name}: ${problem}`).join('; ')));
      const lengthMs = readLength(length);
      if (lengthMs === undefined) return faults.inject({ type, target, parameters: parsed.parameters });
      if (Number.isNaN(lengthMs)) return Promise.reject(new Error(`length: "${length}" is no number of seconds; write 5, or nothing to heal it by hand`));
      return faults.inject({ type, target, parameters: parsed.parameters, lengthMs });
    },
    heal: (fault) => faults.heal(fault),
    healAll: () => faults.healAll(),
  };
}

/** Seconds, as typed; undefined where nothing was, NaN where it is no length. */
function readLength(text: string): number | undefined {
  const typed = text.trim().replace(/s$/, '');
  if (typed === '') return undefined;
  const seconds = Number(typed);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : Number.NaN;
}
