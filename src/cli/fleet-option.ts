import { nearest, type Problems } from '../core/problems.ts';
import type { CommandInput, OptionSpec } from './command.ts';

const fleetChoices = ['processes', 'containers'] as const;
/** What the hosts of a fleet run as. */
export type FleetChoice = (typeof fleetChoices)[number];

export const fleetOption: OptionSpec = { flags: '--fleet <kind>', description: 'what hosts run as: processes or containers, of the image in NETRA_IMAGE_FLEET', defaultText: 'processes' };

/** Adds a problem where there is no such kind. */
export function readFleetChoice(options: CommandInput['options'], problems: Problems): FleetChoice {
  const { fleet } = options;
  if (typeof fleet !== 'string') return 'processes';
  const found = fleetChoices.find((choice) => choice === fleet);
  if (found !== undefined) return found;
  const near = nearest(fleet, fleetChoices);
  problems.add('--fleet', `'${fleet}' is no kind of fleet`, near === undefined ? `use ${fleetChoices.join(' or ')}` : `did you mean ${near}?`);
  return 'processes';
}
