import { expect, test } from 'vitest';
import { differencesOf, factText, otherFacts, plainJson } from './difference';

test('what changed stands beside what it was, and what stayed is not marked', () => {
  expect(
    differencesOf({
      before: { roles: ['viewer'], reach: 'all', gone: 1 },
      after: { roles: ['viewer', 'admin'], reach: 'all', added: true },
    }),
  ).toEqual([
    { name: 'roles', before: 'viewer', after: 'viewer, admin', isChanged: true },
    { name: 'reach', before: 'all', after: 'all', isChanged: false },
    { name: 'added', before: null, after: 'yes', isChanged: true },
    { name: 'gone', before: '1', after: null, isChanged: true },
  ]);
});

test.each([
  [{ before: null, after: { a: 1 } }, [{ name: 'a', before: null, after: '1', isChanged: true }]],
  [{ before: { a: 1 }, after: null }, [{ name: 'a', before: '1', after: null, isChanged: true }]],
  [{ before: 'x', after: 'y' }, [{ name: 'value', before: 'x', after: 'y', isChanged: true }]],
  [{ by: 'person:p' }, null],
])('of %j', (facts, differences) => {
  expect(differencesOf(facts)).toEqual(differences);
});

test('who, from where, the change and the reason are not told twice', () => {
  expect(
    otherFacts({
      by: 'x',
      address: 'x',
      sign_in: 'x',
      before: {},
      after: {},
      reason: 'x',
      names: [],
      nothing: null,
      filter: { a: 1 },
    }),
  ).toEqual([
    ['names', 'none'],
    ['filter', '{"a":1}'],
  ]);
  expect(factText([1, 'a'])).toBe('[1,"a"]');
});

test('raw JSON says the same with nothing in it that hides or reorders', () => {
  const hostile = JSON.stringify({ reason: 'a\u202Eb\u200Bc\u{E0041}d', name: 'Zoë' });
  const plain = plainJson(hostile);
  expect(plain).toBe('{"reason":"a\\u202eb\\u200bc\\udb40\\udc41d","name":"Zoë"}');
  expect(JSON.parse(plain)).toEqual(JSON.parse(hostile));
});
