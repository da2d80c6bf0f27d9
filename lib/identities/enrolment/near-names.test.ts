import { expect, test } from 'vitest';
import { nearNames } from './near-names';

test.each([
  ['billing-bot', ['billing-bots', 'billnig-bot', 'bi1ing-b0t']],
  ['ab', ['ac']],
])('names near %s are told, the nearest first', (name, expected) => {
  const names = ['crawler', 'billing-robot-2', 'zz', ...expected];
  expect(nearNames(name, names).sort()).toEqual([...expected].sort());
});

test('no more than five are told, however many there are', () => {
  expect(nearNames('billing-bot', Array(50).fill('billing-bots'))).toHaveLength(5);
});
