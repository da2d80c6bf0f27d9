import { describe, expect, test } from 'vitest';
import { auditHref, auditRangeOf, auditSearch, parseAuditView } from './address';

const now = new Date('2026-11-30T15:00:30Z');
const parse = (search: string) => {
  const params = new URLSearchParams(search);
  return parseAuditView(
    Object.fromEntries([...params.keys()].map((key) => [key, params.getAll(key)])),
    now,
  );
};
const id = '01930000-0000-7000-8000-0000000000ad';

test('the usual view is the last seven days of everything, at the shortest address', () => {
  const view = parse('');
  expect(view).toMatchObject({
    filter: { who: null, what: null, subject: null },
    range: { preset: '7d', from: new Date('2026-11-23T15:00:00Z'), to: null },
    cursor: null,
    entry: null,
    problems: [],
  });
  expect(auditHref(view)).toBe('/audit');
});

test.each([
  `who=person%3A${id}&what=sign_ins&subject=${id}&from=30d`,
  'who=operator%3Aroot&from=all',
  'who=system&what=price_set',
  'from=2026-11-01T00%3A00%3A00.000Z&to=2026-11-02T00%3A00%3A00.000Z',
  'from=all&to=2026-11-02T00%3A00%3A00.000Z',
])('%s is written as it was read', (search) => {
  const view = parse(search);
  expect(view.problems).toEqual([]);
  expect(auditSearch(view)).toBe(`?${search}`);
});

describe('what is not understood is said, and never widens a filter unseen', () => {
  test.each([
    ['who=person:nobody', 'who=person:nobody is not known'],
    ['who=operator:a"b', 'is not known'],
    ['what=everything', 'what=everything is not known'],
    ['what=constructor', 'what=constructor is not known'],
    ['subject=%25', 'is not known'],
    ["subject=x'y", 'is not known'],
    ['from=yesterday', 'from=yesterday is not a time'],
    ['from=2026-11-02T00:00Z&to=2026-11-01T00:00Z', 'ends before it starts'],
    ['before=1-1-1&after=1-1-1', 'names no page'],
    ['before=x', 'names no page'],
    ['entry=x', 'entry=x is not known'],
    ['colour=red', 'which the audit does not know'],
    ['who=system&who=operators', 'given 2 times'],
  ])('%s', (search, sentence) => {
    expect(parse(search).problems.join(' ')).toContain(sentence);
  });
});

test('an id is found however it was pasted', () => {
  expect(parse(`subject=%20${id.toUpperCase()}%20`)).toMatchObject({
    filter: { subject: id },
    problems: [],
  });
});

test('a range starts at a whole minute, and all has no start', () => {
  expect(auditRangeOf('24h', now).from).toEqual(new Date('2026-11-29T15:00:00Z'));
  expect(auditRangeOf('all', now).from).toBeNull();
});
