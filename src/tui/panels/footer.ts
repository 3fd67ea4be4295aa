import { cellWidth } from '../format/cells.ts';
import { paintLine, plain, span, type Line } from '../format/line.ts';
import type { Area } from '../layout/layout.ts';
import { keyHelp, type KeyGroup } from '../ui/key-help.ts';
import type { ScreenProps } from '../ui/screen-props.ts';

/** The notice, or keys of where one is, as many as fit whole. */
export function footerPanel({ ui, player, paint }: ScreenProps, area: Area): string[] {
  if (area.height <= 0) return [];
  const line: Line = ui.notice === undefined ? hints(groupsOf(ui.overlay.kind, player !== undefined), area.width) : [plain(' '), span(ui.notice.tone === 'bad' ? 'bad' : 'strong', `${ui.notice.tone === 'bad' ? '✗ ' : ''}${ui.notice.text}`)];
  return [paintLine(line, area.width, paint), ...Array.from({ length: area.height - 1 }, () => ' '.repeat(area.width))];
}

function groupsOf(overlay: ScreenProps['ui']['overlay']['kind'], replay: boolean): readonly KeyGroup[] {
  if (overlay === 'faults') return ['Fault menu'];
  return [...(replay ? (['Playing a journal'] as const) : []), overlay === 'none' ? 'Panels' : 'Details', 'Everywhere'];
}

function cells({ key, hint }: { readonly key: string; readonly hint: string }): number {
  return cellWidth(key) + 1 + hint.length + 2;
}

/** Help and the end are always there, however little room there is. */
function hints(groups: readonly KeyGroup[], width: number): Line {
  const all = groups.flatMap((group) => keyHelp.filter((entry) => entry.group === group)).flatMap((entry) => ('hint' in entry ? [{ id: entry.id, key: 'hintKey' in entry ? entry.hintKey : (entry.keys.split(', ')[0] as string), hint: entry.hint }] : []));
  const needed = new Set(['help', 'quit']);
  let room = width - 1 - all.filter(({ id }) => needed.has(id)).reduce((sum, hint) => sum + cells(hint), 0);
  const kept = all.filter((hint) => {
    if (needed.has(hint.id)) return true;
    room -= cells(hint);
    return room >= 0;
  });
  return [plain(' '), ...kept.flatMap(({ key, hint }) => [span('strong', key), plain(` ${hint}  `)])];
}
