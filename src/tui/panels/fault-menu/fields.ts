import type { FaultChoice, FaultParameterForm } from '../../ui/screen-props.ts';

export const lengthField = 'length';

/** A field of the form: a parameter, or how long the fault is to last. */
export interface MenuField {
  readonly name: string;
  readonly kind: FaultParameterForm['kind'] | 'length';
  readonly choices: readonly string[];
  readonly description: string;
}

export function fieldsOf(choice: FaultChoice): readonly MenuField[] {
  return [
    ...choice.parameters.map((parameter): MenuField => ({
      name: parameter.name,
      kind: parameter.kind,
      choices: choicesOf(parameter),
      description: [parameter.description ?? '', parameter.kind === 'duration' ? 'a duration: 250ms, 5s, 1m' : parameter.kind === 'number' ? 'a number' : '', parameter.optional ? 'may be left empty' : 'has to be filled in'].filter((part) => part !== '').join('; '),
    })),
    ...(choice.momentary ? [] : [{ name: lengthField, kind: 'length' as const, choices: [], description: 'seconds that the fault lasts; empty: until it is healed by hand' }]),
  ];
}

/** What the form holds when it is opened. */
export function startValues(choice: FaultChoice): Readonly<Record<string, string>> {
  return Object.fromEntries(choice.parameters.flatMap(({ name, default: value }) => (value === undefined ? [] : [[name, value]])));
}

function choicesOf({ kind, choices, optional }: FaultParameterForm): readonly string[] {
  const all = kind === 'boolean' ? ['true', 'false'] : (choices ?? []);
  return all.length > 0 && optional ? ['', ...all] : all;
}
