import { expect, it } from 'vitest';
import { signInPath, targetOf } from './target';

it.each(['/health/quarantine?reason=too_large', '/inventory?kind=tool&before=k-1-2', '/connect'])(
  '%s is still the target after signing in',
  (path) => {
    expect(targetOf(path)).toBe(path);
    expect(new URLSearchParams(signInPath(path).split('?')[1]).get('to')).toBe(path);
  },
);

// If this fails, a link to our sign-in page sends whoever signs in to a stranger's page.
it.each([
  'https://elsewhere.example/',
  '//elsewhere.example',
  '/\\elsewhere.example',
  '/\t/elsewhere.example',
  '/.//elsewhere.example',
  '/./\\elsewhere.example',
  'javascript:alert(1)',
  'inventory',
  '',
  '/',
  '/sign-in?to=/x',
  '/api/live/health',
  `/${'x'.repeat(3000)}`,
  ['/connect'],
  undefined,
])('%j is no target', (asked) => {
  expect(targetOf(asked)).toBe('/overview');
  expect(signInPath(asked)).toBe('/sign-in');
});
