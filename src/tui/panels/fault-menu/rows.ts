import { timeLeft } from '../../format/durations.ts';
import { fault as faultGlyph } from '../../format/glyphs.ts';
import { column, plain, span, type Line } from '../../format/line.ts';
import { activeFaults, type FaultState } from '../../model/screen-state.ts';
import type { FaultChoice, ScreenProps } from '../../ui/screen-props.ts';

/** A row that can be selected, or a heading (without a key). */
export interface MenuRow {
  readonly key: string | undefined;
  readonly line: Line;
}

export const healPrefix = 'heal/';
export const typePrefix = 'type/';

/** Faults at work, then those that can be injected, by family. */
export function menuRows({ state, choices, nowMs }: ScreenProps, filter: string): readonly MenuRow[] {
  const active = activeFaults(state);
  const found = choices.filter((choice) => matches(choice, filter));
  const typeWidth = Math.max(16, ...choices.map(({ type }) => type.length), ...active.map(({ fault }) => fault.length + 2));
  const families = [...new Set(found.map(({ family }) => family))];
  return [
    ...(active.length > 0 ? [heading('at work: Enter or x heals, X heals all that were injected by hand')] : []),
    ...active.map((fault): MenuRow => ({ key: `${healPrefix}${fault.fault}`, line: activeLine(fault, nowMs, typeWidth) })),
    ...families.flatMap((family) => [
      heading(family),
      ...found.filter((choice) => choice.family === family).map((choice): MenuRow => ({ key: `${typePrefix}${choice.type}`, line: [column('strong', choice.type, typeWidth), plain(' '), plain(choice.summary)] })),
    ]),
  ];
}

/** Where nothing was selected, or what was is gone: the first fault that can be injected, else the first row at all. */
export function selectedKey(rows: readonly MenuRow[], selected: string | undefined): string | undefined {
  if (selected !== undefined && rows.some(({ key }) => key === selected)) return selected;
  return rows.find(({ key }) => key?.startsWith(typePrefix))?.key ?? rows.find(({ key }) => key !== undefined)?.key;
}

/** Why there is nothing to be chosen. */
export function emptyReason({ player, state, choices }: ScreenProps): string | undefined {
  if (choices.length > 0) return undefined;
  if (player !== undefined) return 'A recorded run is played: what happened has happened. Faults are injected while a run is under way.';
  if (state.header.phase === 'done' || state.header.phase === 'judging') return 'The jobs are done: there is nothing left to break.';
  return 'The fleet is not at work yet: faults can be injected once all its hosts are ready.';
}

function matches({ type, family, summary }: FaultChoice, filter: string): boolean {
  const sought = filter.trim().toLowerCase();
  return [type, family, summary].some((text) => text.toLowerCase().includes(sought));
}

function heading(text: string): MenuRow {
  return { key: undefined, line: [span('notice', text)] };
}

function activeLine(fault: FaultState, nowMs: number, typeWidth: number): Line {
  const left = fault.lastsMs === undefined ? 'until healed' : `${timeLeft(fault.injectedAtMs + fault.lastsMs - nowMs)} left`;
  return [span('fault', `${faultGlyph.sign} `), column('strong', fault.fault, typeWidth - 2), plain(` ${fault.type}${fault.target === '' ? '' : ` on ${fault.target}`}, ${left}${fault.byUser ? '' : ', of the scenario'}`)];
}
