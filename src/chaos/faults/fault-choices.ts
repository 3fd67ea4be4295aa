import { hostsOf, roleNames } from '../scenario/fleet-hosts.ts';
import { fieldsOf, writtenParameters, type ParameterField } from './fault-choice-form.ts';
import { readFaultParameters } from './fault-choice-parameters.ts';
import type { FaultDefinition } from './fault.ts';
import { faults, findFault } from './index.ts';

/** A fault that can be injected while a run is under way, as a menu shows it. */
export interface FaultChoice {
  readonly type: string;
  readonly family: FaultDefinition['family'];
  readonly summary: string;
  /** Services; or hosts, and roles, of which one host is drawn unless the fault means them all. */
  readonly targets: readonly string[];
  /** Over as soon as it has been done: it has no length and is not healed. */
  readonly momentary: boolean;
  /** The fault's own ones first. */
  readonly parameters: readonly ParameterField[];
}

export type ParsedFaultParameters =
  | { readonly ok: true; readonly parameters: Readonly<Record<string, unknown>> }
  /** By field; a problem of several fields at once is of the map that they are in. */
  | { readonly ok: false; readonly problems: Readonly<Record<string, string>> };

/** All but those under which the hosts are started. */
export const injectableFaults: readonly FaultDefinition[] = faults.filter(({ precedesFleet }) => precedesFleet !== true);

/** The menu, in the order of the registry. */
export function faultChoices(hosts: readonly string[]): FaultChoice[] {
  return injectableFaults.map((fault) => {
    const { type, family, summary, momentary = false } = fault;
    return { type, family, summary, targets: targetsOf(fault, hosts), momentary, parameters: fieldsOf(fault) };
  });
}

/** What a fault may be told to break in a fleet of these hosts. */
export function targetsOf({ targets }: FaultDefinition, hosts: readonly string[]): string[] {
  return targets.flatMap((target) => (target === 'host' ? [...hosts, ...roleNames.filter((role) => hostsOf(role, hosts).length > 0)] : [target]));
}

/** Reads what was typed into the fields of a fault; empty ones keep their defaults. What comes of it is what `LiveFaults.inject` takes. */
export function parseFaultParameters(type: string, texts: Readonly<Record<string, string>>): ParsedFaultParameters {
  const fault = findFault(type);
  if (fault === undefined) return { ok: false, problems: { '': `there is no fault "${type}"` } };
  const parameters = writtenParameters(fault, texts);
  const { problems } = readFaultParameters(fault, parameters);
  return Object.keys(problems).length > 0 ? { ok: false, problems } : { ok: true, parameters };
}
