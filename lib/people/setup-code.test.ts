import { expect, test } from 'vitest';
import { formatSetupCode, isSetupCode, setupCodeHash } from './setup-code';

const random = Uint8Array.from({ length: 16 }, (_, index) => index * 16 + 15);
const code = formatSetupCode(random);

test('a set-up code shows all of its 128 bits in groups of four', () => {
  expect(code).toBe('0F1F-2F3F-4F5F-6F7F-8F9F-AFBF-CFDF-EFFF');
});

test('a set-up code is accepted as it is commonly typed, and no other is', () => {
  const hash = setupCodeHash(code);
  for (const typed of [code, code.toLowerCase(), code.replaceAll('-', ''), ` ${code} `])
    expect(isSetupCode(typed, hash)).toBe(true);
  for (const typed of ['', '-', code.slice(0, -1), `${code}0`, code.replace('0F', '0E')])
    expect(isSetupCode(typed, hash)).toBe(false);
});
