/** What can be told of a `display`: the value orders facts of one unit, and is never written. */
export interface Reading {
  readonly kind: 'number' | 'date' | 'text';
  readonly value: number;
  /** Without a plural s; empty where there is none. */
  readonly unit: string;
}

export function readDisplay(display: string): Reading {
  const text: Reading = { kind: 'text', value: Number.NaN, unit: '' };
  if (/^\d{4}-\d{2}(-\d{2})?\b/.test(display)) return { ...text, kind: 'date' };
  const match = /^([^\p{L}\p{N}-]*)(-?\d[\d,.]*)( .*|%)?$/u.exec(display);
  const value = Number((match?.[2] ?? '').replaceAll(',', ''));
  if (match === null || !Number.isFinite(value)) return text;
  return { kind: 'number', value, unit: `${match[1] ?? ''}${match[3] ?? ''}`.trim().replace(/s$/, '') };
}
