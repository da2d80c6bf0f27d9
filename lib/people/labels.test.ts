import { expect, test } from 'vitest';
import { browserWords, contentWords, factorWords, provedWords } from './labels';

test('content rights are told in words', () => {
  const words = (contentRead: 'none' | 'teams' | 'all', contentExport: 'none' | 'teams' | 'all') =>
    contentWords({ contentRead, contentExport });
  expect([words('none', 'none'), words('teams', 'none'), words('all', 'teams')]).toEqual([
    'Reads no content',
    'Reads own teams',
    'Reads all, exports own teams',
  ]);
});

test('second factors are told with what is left of the recovery codes', () => {
  expect(factorWords({ passkeys: 0, hasCodes: false, recoveryCodes: 0 })).toBe('None yet');
  expect(factorWords({ passkeys: 1, hasCodes: true, recoveryCodes: 7 })).toBe(
    '1 passkey, code, 7 recovery codes left',
  );
});

test('a sign-in is told by what proved it', () => {
  expect(provedWords({ proof: 'password', factor: 'totp' })).toBe('password and code');
  expect(provedWords({ proof: 'passkey', factor: 'passkey' })).toBe('passkey');
  expect(provedWords({ proof: 'sso', factor: 'sso' })).toContain('its second factor');
});

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0',
    'Edge on Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Mobile Safari/604.1',
    'Safari on iOS',
  ],
  ['<script>', 'Unknown browser'],
  ['', 'Unknown browser'],
])('%s is %s', (userAgent, words) => {
  expect(browserWords(userAgent)).toBe(words);
});
