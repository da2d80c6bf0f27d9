import { expect, test } from 'vitest';
import { readOutcome } from './sign-in';
import { wrongSentence } from './throttle';

test('each code of a refused sign-in has its sentence, and no other text is shown', () => {
  expect(readOutcome('wrong')).toBe(wrongSentence);
  expect(readOutcome('throttled:120')).toBe('Too many wrong passwords. Try again in 2 minutes.');
  const outage = readOutcome(null);
  for (const code of ['CredentialsSignin', '<b>call this number</b>', 'throttled:99999999'])
    expect(readOutcome(code)).toBe(outage);
});
