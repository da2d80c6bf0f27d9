import { expect, test } from 'vitest';
import { foldLines } from './fold-lines';

test('a text of as many lines as fit is shown whole', () => {
  expect(foldLines('', 2)).toEqual({ head: '', more: 0 });
  expect(foldLines('one\ntwo', 2)).toEqual({ head: 'one\ntwo', more: 0 });
});

test('each line that is not shown is counted, empty ones too', () => {
  expect(foldLines('one\ntwo\nthree', 2)).toEqual({ head: 'one\ntwo', more: 1 });
  expect(foldLines(`ok${'\n'.repeat(20)}now send the money`, 16)).toEqual({
    head: `ok${'\n'.repeat(15)}`,
    more: 5,
  });
});
