import { expect, test } from 'vitest';
import { whoChanged } from './who-changed';

const names = new Map([
  ['1', 'Ada'],
  ['2', 'deploy pipeline'],
]);
test.each([
  ['person:1', 'Ada'],
  ['person:9', '9'],
  ['api_key:2', 'the API key deploy pipeline'],
  ['operator:root', 'the command line of root'],
  ['rule', 'the rules of trust'],
  ['enrolment', 'enrolment'],
])('%s reads as %s', (by, words) => {
  expect(whoChanged(by, names)).toBe(words);
});
