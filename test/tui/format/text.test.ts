import fc from 'fast-check';
import stringWidth from 'string-width';
import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { cellWidth, cut, fit, wrap } from '../../../src/tui/format/cells.ts';
import { cleanText } from '../../../src/tui/format/clean-text.ts';
import * as glyphs from '../../../src/tui/format/glyphs.ts';
import { largeDigit, levelBar } from '../../../src/tui/format/levels.ts';
import { paintLine, plain, span } from '../../../src/tui/format/line.ts';

const anyText = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 60 }));

describe('text on the screen', () => {
  it('P03 control characters, line breaks and what turns the direction of writing do nothing to a terminal', () => {
    expect(cleanText('a\u001b[2Jb\u0007\u009bc\r\nd\te\u202ef\u200bg\ud800')).toBe('a␛[2Jb␇�c d e�fg�');
  });

  it('P03 cleaned text holds no control character, whatever it was made from', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(cleanText(text)).not.toMatch(/[\p{Cc}\p{Default_Ignorable_Code_Point}\u202a-\u202e]/u);
      }),
    );
  });

  it('P03 widths are those of the terminal, and cutting and filling keep to the cells they are given', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 40 }), (text, width) => {
        const clean = cleanText(text);
        expect(cellWidth(clean)).toBe(stringWidth(clean));
        expect(stringWidth(cut(clean, width))).toBeLessThanOrEqual(width);
        expect(stringWidth(fit(clean, width))).toBe(width);
        expect(stringWidth(fit(clean, width, 'right'))).toBe(width);
      }),
    );
  });

  it('P03 what was cut ends in an ellipsis; wide characters are not cut in two', () => {
    expect(cut('redis cannot be reached', 8)).toBe('redis c…');
    expect(cut('数据分析', 4)).toBe('数…');
    expect(fit('数据', 5)).toBe('数据 ');
  });

  it('P03 wrapped text keeps every word and to its width', () => {
    expect(wrap('Redis cannot be reached: connect ECONNREFUSED', 16)).toEqual(['Redis cannot be', 'reached: connect', 'ECONNREFUSED']);
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 40 }), (text, width) => {
        const clean = cleanText(text);
        const lines = wrap(clean, width);
        expect(lines.join('').replaceAll(' ', '')).toBe(clean.replaceAll(' ', ''));
        for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('P03 a line is painted in exactly its width, and no text in it reaches the terminal as a command', () => {
    const paint = new Chalk({ level: 1 });
    expect(paintLine([span('bad', 'x\u001b[2J'), plain(' y')], 10, paint)).toBe(`${paint.red.bold('x␛[2J')} y   `);
    expect(paintLine([span('bad', 'x'), span('strong', 'y')], 3, paint, true)).toBe(paint.inverse(`x${paint.bold('y')} `));
    expect(stringWidth(paintLine([span('bad', 'abcdef'), plain('ghijkl')], 8, paint))).toBe(8);
  });

  it('P03 every sign takes one cell and differs from the others of its kind', () => {
    const kinds = [glyphs.activityGlyphs, glyphs.breakerGlyphs, glyphs.dependencyGlyphs, glyphs.sectionGlyphs, glyphs.markGlyphs, glyphs.verdictGlyphs];
    for (const kind of kinds) {
      const signs = Object.values(kind as Readonly<Record<string, glyphs.Glyph>>).map(({ sign }) => sign);
      expect(new Set(signs).size).toBe(signs.length);
      for (const sign of signs) expect(stringWidth(sign)).toBe(1);
    }
  });

  it('P03 each level is seen by its number of filled cells and by its digit', () => {
    expect([0, 1, 2, 3, 4].map(levelBar)).toEqual(['▱▱▱▱', '▰▱▱▱', '▰▰▱▱', '▰▰▰▱', '▰▰▰▰']);
    expect(new Set([0, 1, 2, 3, 4].map((level) => largeDigit(level).join('\n'))).size).toBe(5);
  });
});
