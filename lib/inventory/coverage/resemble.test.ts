import { expect, it } from 'vitest';
import { IdentityName } from '@/lib/identities/schema';
import { declaredNames, nameFor, resemblanceAmong } from './resemble';

const says = (
  declaredName: string | null,
  service: string | null = null,
  declaredId: string | null = null,
) => ({
  declaredName,
  declaredId,
  service,
});
const identities = [
  { name: 'billing-agent', names: ['billing'] },
  { name: 'crawler', names: [] },
];
const among = resemblanceAmong(identities);

it('the name declared counts, and the service only where there is none', () => {
  expect(declaredNames(says('ghost', 'shop'))).toEqual(['ghost']);
  expect(declaredNames(says(null, 'shop', 'id-7'))).toEqual(['id-7']);
  expect(declaredNames(says(null, 'shop'))).toEqual(['shop']);
  expect(declaredNames(says(null))).toEqual([]);
});

it('a registered name, or one that looks like it, is told apart from any other', () => {
  expect(among(says('billing'))).toEqual({ name: 'billing-agent', how: 'same' });
  expect(among(says('b\u0456lling-agent'))).toEqual({
    name: 'billing-agent',
    how: 'alike',
  });
  expect(among(says('ghost', 'billing'))).toBeNull();
  expect(among(says(null, 'CRAWLER'))).toEqual({ name: 'crawler', how: 'alike' });
});

it.each([
  ['ghost', 'ghost'],
  ['Nightly export (v2)', 'Nightly-export-v2'],
  ['\u202Eevil', 'evil'],
  ['langchain/0.3', 'langchain-0.3'],
  ['x'.repeat(500), 'x'.repeat(63)],
  ['请求', ''],
  ['b\u0456lling-agent', ''],
  ['<script>', 'script'],
])('%j is registered as %j', (declared, name) => {
  expect(nameFor(says(declared))).toBe(name);
  if (name !== '') expect(IdentityName.safeParse(name).success).toBe(true);
});
