import type { TextMask } from './text-mask.ts';

const marker = /^(?<indent>[ \t>]*(?:#{1,6}[ \t]+)?)(?<number>(?:[*_]{2})?(?<value>\d{1,2})[.)](?:[*_]{2})?)(?=[ \t])/gmu;
const numbered = /(?<![\p{L}\p{N}])(?:step|section|phase|option|recommendation|action(?: item)?|priority|finding|table|figure|appendix|schritt|maßnahme|empfehlung)[ \u00A0](?<value>\d{1,2})(?!\p{L}|\p{N}|[.,]\d|[ \u00A0]?%)/giu;

/** Highest number of a step, table or the like. */
const MOST = 20;

/** Accepts numbers that only count paragraphs: `1.`, `2)` in their order, `Step 3`. */
export function acceptEnumerations(mask: TextMask): void {
  const last = new Map<string, number>();
  mask.judge(marker, ({ groups = {} }) => {
    const value = Number(groups['value']);
    const indent = groups['indent'] ?? '';
    // A `12.` that follows no `11.` is a sentence that begins with a figure.
    if (value !== 1 && value !== (last.get(indent) ?? 0) + 1) return 'leave';
    last.set(indent, value);
    return 'accept';
  });
  mask.judge(numbered, ({ groups }) => (Number(groups?.['value']) <= MOST ? 'accept' : 'leave'));
}
