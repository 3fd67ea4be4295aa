import { cleanText } from '../format/clean-text.ts';
import { fieldsOf, startValues } from '../panels/fault-menu/fields.ts';
import { healPrefix, menuRows, selectedKey, typePrefix } from '../panels/fault-menu/rows.ts';
import { keyIn, type KeyId, type KeyPress } from './key-help.ts';
import type { FaultChoice, ScreenProps } from './screen-props.ts';
import type { FaultMenuStep, UiAction, UiState } from './ui-state.ts';

interface MenuOutcome {
  readonly ui: UiState;
  readonly action?: UiAction;
}

const pageRows = 10;
const filterLongest = 40;
const valueLongest = 400;

/** Keys in the fault menu: letters are text there, and nothing else of the screen is heard. */
export function reduceMenuKey(ui: UiState, step: FaultMenuStep, press: KeyPress, props: ScreenProps): MenuOutcome {
  const id = keyIn(['Fault menu'], press);
  if (id === undefined) return { ui };
  if (step.at === 'fault') return inFaults(ui, step, id, press, props);
  const choice = props.choices.find(({ type }) => type === step.type);
  if (id === 'menu-back' || choice === undefined) return goTo(ui, backFrom(step, choice));
  return step.at === 'target' ? inTargets(ui, step, id, choice) : inValues(ui, step, id, press, choice);
}

function inFaults(ui: UiState, step: FaultMenuStep & { at: 'fault' }, id: KeyId, press: KeyPress, props: ScreenProps): MenuOutcome {
  const rows = menuRows(props, step.filter);
  const keys = rows.flatMap(({ key }) => key ?? []);
  const key = selectedKey(rows, step.selected);
  const active = key?.startsWith(healPrefix) === true ? key.slice(healPrefix.length) : undefined;
  switch (id) {
    case 'menu-back':
      // First what was typed, then the menu itself.
      return step.filter === '' ? close(ui) : goTo(ui, { ...step, filter: '' });
    case 'menu-up':
    case 'menu-down':
    case 'menu-page-up':
    case 'menu-page-down': {
      const index = keys.indexOf(key ?? '') + stepOf(id);
      return goTo(ui, { ...step, selected: keys[Math.max(0, Math.min(keys.length - 1, index))] });
    }
    case 'choose': {
      if (active !== undefined) return { ui, action: { kind: 'heal', fault: active } };
      const choice = props.choices.find(({ type }) => key === `${typePrefix}${type}`);
      return choice === undefined ? { ui } : goTo(ui, choice.targets.length > 1 ? { at: 'target', type: choice.type, selected: 0 } : valuesOf(choice, choice.targets[0] ?? ''));
    }
    case 'erase':
      return goTo(ui, { ...step, filter: step.filter.slice(0, -1) });
    case 'heal':
    case 'heal-all': {
      // No fault's name begins with an x: before anything is typed the key can mean the faults at work, wherever the selection is.
      const meant = active ?? (step.filter === '' ? keys.find((candidate) => candidate.startsWith(healPrefix))?.slice(healPrefix.length) : undefined);
      if (meant !== undefined) return { ui, action: id === 'heal' ? { kind: 'heal', fault: meant } : { kind: 'heal-all' } };
      return goTo(ui, { ...step, filter: typedOnto(step.filter, press.input, filterLongest) });
    }
    case 'type':
      return goTo(ui, { ...step, filter: typedOnto(step.filter, press.input, filterLongest) });
    default:
      return { ui };
  }
}

function inTargets(ui: UiState, step: FaultMenuStep & { at: 'target' }, id: KeyId, choice: FaultChoice): MenuOutcome {
  const last = choice.targets.length - 1;
  if (id === 'choose') return goTo(ui, valuesOf(choice, choice.targets[Math.min(last, step.selected)] ?? ''));
  return goTo(ui, { ...step, selected: Math.max(0, Math.min(last, step.selected + stepOf(id))) });
}

function inValues(ui: UiState, step: FaultMenuStep & { at: 'values' }, id: KeyId, press: KeyPress, choice: FaultChoice): MenuOutcome {
  const fields = fieldsOf(choice);
  const field = fields[step.field];
  if (id === 'choose') return { ...close(ui), action: { kind: 'inject', request: { type: step.type, target: step.target, parameters: filled(step.values), length: step.length.trim() } } };
  if (field === undefined) return { ui };
  const value = field.kind === 'length' ? step.length : (step.values[field.name] ?? '');
  const withValue = (to: string): MenuOutcome => goTo(ui, field.kind === 'length' ? { ...step, length: to } : { ...step, values: { ...step.values, [field.name]: to } });
  const text = field.choices.length === 0;
  switch (id) {
    case 'choice-before':
    case 'choice-after': {
      if (text) return { ui };
      const count = field.choices.length;
      const index = Math.max(0, field.choices.indexOf(value)) + (id === 'choice-after' ? 1 : -1);
      return withValue(field.choices[(index + count) % count] ?? '');
    }
    case 'erase':
      return text ? withValue(value.slice(0, -1)) : { ui };
    case 'type':
    case 'heal':
    case 'heal-all':
      if (!text) return { ui };
      return withValue(typedOnto(value, field.kind === 'length' ? press.input.replaceAll(/[^\d.]/g, '') : press.input, valueLongest));
    default:
      return goTo(ui, { ...step, field: Math.max(0, Math.min(fields.length - 1, step.field + stepOf(id))) });
  }
}

/** Fields that were left empty keep their defaults: they are not sent. */
function filled(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ''));
}

function valuesOf(choice: FaultChoice, target: string): FaultMenuStep {
  return { at: 'values', type: choice.type, target, field: 0, values: startValues(choice), length: '' };
}

function backFrom(step: FaultMenuStep, choice: FaultChoice | undefined): FaultMenuStep {
  if (step.at === 'values' && choice !== undefined && choice.targets.length > 1) return { at: 'target', type: choice.type, selected: Math.max(0, choice.targets.indexOf(step.target)) };
  return { at: 'fault', selected: step.at === 'fault' ? step.selected : `${typePrefix}${step.type}`, filter: '' };
}

function stepOf(id: KeyId): number {
  return { 'menu-up': -1, 'menu-down': 1, 'menu-page-up': -pageRows, 'menu-page-down': pageRows }[id as string] ?? 0;
}

/** What is pasted may hold anything. */
function typedOnto(text: string, input: string, longest: number): string {
  return `${text}${cleanText(input)}`.slice(0, longest);
}

function goTo(ui: UiState, step: FaultMenuStep): MenuOutcome {
  return { ui: { ...ui, overlay: { kind: 'faults', step } } };
}

function close(ui: UiState): MenuOutcome {
  return { ui: { ...ui, overlay: { kind: 'none' } } };
}
