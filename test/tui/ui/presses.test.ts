import type { Key } from 'ink';
import { expect, it } from 'vitest';
import { pressesOf } from '../../../src/tui/ui/presses.ts';

const none = Object.fromEntries(['upArrow', 'downArrow', 'leftArrow', 'rightArrow', 'pageDown', 'pageUp', 'home', 'end', 'return', 'escape', 'ctrl', 'shift', 'tab', 'backspace', 'delete', 'meta', 'super', 'hyper', 'capsLock', 'numLock'].map((name) => [name, false])) as unknown as Key;

it.each([
  ['', ['']],
  ['j', ['j']],
  ['jjj', ['j', 'j', 'j']],
  ['é€😀', ['é', '€', '😀']],
] as const)('P03 %j is as many presses as it has characters', (input, inputs) => {
  expect(pressesOf({ ...none, input }).map((press) => press.input)).toEqual(inputs);
});

it('P03 keys with names keep them within a piece', () => {
  const presses = pressesOf({ ...none, input: 'a\t\r\u007F' });
  expect(presses.map(({ input, tab, return: entered, backspace }) => [input, tab, entered, backspace])).toEqual([
    ['a', false, false, false],
    ['', true, false, false],
    ['', false, true, false],
    ['', false, false, true],
  ]);
});
