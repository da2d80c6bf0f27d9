import { expect, test } from 'vitest';
import {
  emptyRegistryFilter,
  identitiesHref,
  isNarrowed,
  parseIdentitiesView,
  toggledField,
} from './address';

test('terms of the query bar become parts of the filter, and the address should say them', () => {
  const view = parseIdentitiesView({
    q: 'team:treasury zone:"finance prod" assurance:<2 expires:<7d unowned pay "two words"',
  });
  expect(view.problems).toEqual([]);
  expect(view.hasNewTerms).toBe(true);
  expect(view.filter).toEqual({
    ...emptyRegistryFilter(),
    team: ['treasury'],
    zone: ['finance prod'],
    assurance: ['<2'],
    expires: ['<7d'],
    isUnowned: true,
    words: ['pay', 'two words'],
  });
});

test('a view goes through its address unchanged', () => {
  const { filter } = parseIdentitiesView({ q: 'kind:agent state:suspended tag:a&b owner:Ada x' });
  const page = { after: 'WyJhIl0' };
  const href = identitiesHref({ filter, sort: 'ends', page });
  const search = new URL(href, 'http://localhost').searchParams;
  const again = parseIdentitiesView(
    Object.fromEntries([...new Set(search.keys())].map((name) => [name, search.getAll(name)])),
  );
  expect(again).toEqual({
    filter,
    sort: 'ends',
    cursor: { direction: 'after', place: 'WyJhIl0' },
    typed: '',
    problems: [],
    hasNewTerms: false,
  });
});

test.each([
  ['risk:>4', '“risk” is not a field. Fields: kind, state,'],
  ['assurance:lots', 'assurance:lots is not known. assurance is one of: <2, >0 or 1.'],
  ['expires:<7', 'expires:<7 is not known.'],
  ['state:', 'state: needs a value: proposed, active'],
  ['environment:moon', 'environment is one of: production, staging'],
  ['"half', 'A quotation mark is missing its other one.'],
])('%s is answered by a sentence, and stays in the bar', (q, sentence) => {
  const view = parseIdentitiesView({ q });
  expect(view.problems.join(' ')).toContain(sentence);
  expect([view.typed, view.hasNewTerms]).toEqual([q, false]);
});

test.each([
  [{ after: 'no page' }, 'names no page'],
  [{ before: 'x'.repeat(601) }, 'names no page'],
  [{ sort: 'colour' }, 'sort=colour is not known. It is one of: name'],
  [{ owned: 'yes' }, 'owned=yes is not known'],
  [{ nope: '1' }, 'The address names “nope”'],
  [{ kind: 'robot' }, 'kind:robot is not known'],
])('what an address says wrongly is said: %j', (params, sentence) => {
  expect(parseIdentitiesView(params).problems.join(' ')).toContain(sentence);
});

test('lists of values and words are bounded', () => {
  const many = Array.from({ length: 30 }, (_, at) => `t${at}`);
  const view = parseIdentitiesView({ tag: many, text: many });
  expect([view.filter.tag.length, view.filter.words.length]).toEqual([20, 5]);
  expect(view.problems).toHaveLength(35);
});

test('a value is added and taken away', () => {
  const filter = toggledField(emptyRegistryFilter(), 'team', 'treasury');
  expect(isNarrowed(filter)).toBe(true);
  expect(isNarrowed(toggledField(filter, 'team', 'treasury'))).toBe(false);
});
