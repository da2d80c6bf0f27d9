import { expect, test } from 'vitest';
import { refusalPath, refusals, ssoSentence } from './refusals';

test('each refusal has a path, and the path its sentence', () => {
  for (const [reason, sentence] of Object.entries(refusals)) {
    // Its own keys.
    const path = refusalPath(reason as keyof typeof refusals);
    expect(ssoSentence(new URL(path, 'http://x').searchParams.get('error'))).toBe(sentence);
  }
});

test('an address says nothing that this console does not', () => {
  for (const code of [
    '',
    'refused',
    'sso_',
    'sso_toString',
    'sso___proto__',
    null,
    ['sso_refused'],
  ])
    expect(ssoSentence(code)).toBeNull();
});
