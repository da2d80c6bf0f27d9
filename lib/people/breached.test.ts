import { expect, test } from 'vitest';
import { isBreached } from './breached';

test('refuses what breaches made known, also with ornaments or written twice', () => {
  for (const password of [
    '1q2w3e4r5t6y',
    'Football2024!',
    '!!liverpool99',
    'superman superman'.replace(' ', ''),
  ])
    expect(isBreached(password), password).toBe(true);
});

test('leaves alone what is long by itself', () => {
  for (const password of ['correct horse battery', 'seven-lanterns-by-the-harbour', 'kT9!vQ2#mLx4'])
    expect(isBreached(password), password).toBe(false);
});
