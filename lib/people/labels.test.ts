import { expect, test } from 'vitest';
import { contentWords, factorWords, provedWords } from './labels';

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
