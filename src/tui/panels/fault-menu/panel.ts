import { wrap } from '../../format/cells.ts';
import { cleanText } from '../../format/clean-text.ts';
import { column, paintLine, plain, span, type Line } from '../../format/line.ts';
import type { Area } from '../../layout/layout.ts';
import type { FaultChoice, ScreenProps } from '../../ui/screen-props.ts';
import type { FaultMenuStep } from '../../ui/ui-state.ts';
import { firstVisible, titleLine } from '../panel.ts';
import { fieldsOf, lengthField } from './fields.ts';
import { emptyReason, menuRows, selectedKey } from './rows.ts';

interface MenuPage {
  readonly title: Line;
  /** Above the rows, always seen. */
  readonly top: readonly Line[];
  readonly rows: readonly Line[];
  readonly selected: number;
  /** Below the rows: more about what is selected. */
  readonly bottom: readonly Line[];
}

/** Which fault, on what, with which values: a page each. */
export function faultMenuPanel(props: ScreenProps, step: FaultMenuStep, area: Area): string[] {
  const { paint } = props;
  const page = pageOf(props, step, area.width - 2);
  const bottom = page.bottom.slice(0, Math.max(0, Math.min(page.bottom.length, area.height - 4 - page.top.length)));
  const height = Math.max(0, area.height - 1 - page.top.length - bottom.length);
  const first = firstVisible(page.selected, page.rows.length, height);
  const seen = page.rows.slice(first, first + height);
  const position = page.rows.length > seen.length ? ` ${first + 1}–${first + seen.length} of ${page.rows.length} ` : '';
  const lines = [titleLine('Fault menu', page.title, position, true, area.width, paint), ...page.top.map((line) => paintLine([plain(' '), ...line], area.width, paint))];
  for (const [index, line] of seen.entries()) {
    const marked = first + index === page.selected;
    lines.push(paintLine([plain(marked ? '›' : ' '), ...line], area.width, paint, marked));
  }
  while (lines.length < area.height - bottom.length) lines.push(' '.repeat(area.width));
  return [...lines, ...bottom.map((line) => paintLine([plain(' '), ...line], area.width, paint))].slice(0, area.height);
}

function pageOf(props: ScreenProps, step: FaultMenuStep, width: number): MenuPage {
  if (step.at === 'fault') return faultPage(props, step, width);
  const choice = props.choices.find(({ type }) => type === step.type);
  if (choice === undefined) return { title: [plain(step.type)], top: told('This fault can no longer be injected.', width), rows: [], selected: 0, bottom: [] };
  return step.at === 'target' ? targetPage(choice, step, width) : valuesPage(choice, step, width);
}

function faultPage(props: ScreenProps, step: FaultMenuStep & { at: 'fault' }, width: number): MenuPage {
  const rows = menuRows(props, step.filter);
  const key = selectedKey(rows, step.selected);
  const reason = emptyReason(props);
  const chosen = props.choices.find(({ type }) => key === `type/${type}`);
  return {
    title: reason === undefined ? [plain(step.filter === '' ? 'type to narrow it down' : `narrowed down to "${step.filter}"`)] : [],
    top: reason === undefined ? (rows.some((row) => row.key !== undefined) ? [] : told(`No fault has "${step.filter}" in its name or summary.`, width)) : told(reason, width),
    rows: rows.map(({ key: own, line }) => (own === undefined ? line : [plain(' '), ...line])),
    selected: rows.findIndex((row) => row.key !== undefined && row.key === key),
    bottom: chosen === undefined ? [] : [[], ...told(chosen.summary, width)],
  };
}

function targetPage(choice: FaultChoice, step: FaultMenuStep & { at: 'target' }, width: number): MenuPage {
  return { title: [span('fault', choice.type), plain(': on what?')], top: [...told(choice.summary, width), []], rows: choice.targets.map((target): Line => [plain(target)]), selected: step.selected, bottom: [] };
}

function valuesPage(choice: FaultChoice, step: FaultMenuStep & { at: 'values' }, width: number): MenuPage {
  const fields = fieldsOf(choice);
  const nameWidth = Math.max(10, ...fields.map(({ name }) => name.length)) + 2;
  return {
    title: [span('fault', choice.type), plain(`${step.target === '' ? '' : ` on ${step.target}`}: Enter injects it`)],
    top: [...told(choice.summary, width), []],
    rows: fields.length === 0 ? [[plain('it takes no values')]] : fields.map(({ name, kind, choices }, index) => {
      const value = name === lengthField && kind === 'length' ? step.length : (step.values[name] ?? '');
      const at = index === step.field;
      return [column('strong', kind === 'length' ? 'lasts, s' : name, nameWidth), ...(choices.length > 0 ? [plain(`‹ ${value === '' ? '(default)' : value} ›`)] : [plain(value === '' && !at ? (kind === 'length' ? '(until healed)' : '(empty)') : value), plain(at ? '▏' : '')])];
    }),
    selected: step.field,
    bottom: [[], ...told(fields[step.field]?.description ?? '', width)],
  };
}

function told(text: string, width: number): Line[] {
  return wrap(cleanText(text), width).map((line): Line => [plain(line)]);
}
