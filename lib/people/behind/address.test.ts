import { expect, test } from 'vitest';
import { behindHref, formatBehindCursor, pageOf, parseBehindView } from './address';

const id = '0198a3c4-0000-7000-8000-000000000001';

test('an address says the view, and a view says its address', () => {
  const at = { lastAt: new Date(1_764_515_400_000), entries: 17, id };
  for (const sort of ['last', 'entries'] as const) {
    const href = behindHref({
      filter: { show: 'not_shown', identity: 'payroll', who: 'ada@example.org' },
      sort,
      page: { before: formatBehindCursor(sort, at) },
      person: id,
    });
    const view = parseBehindView(Object.fromEntries(new URLSearchParams(href.split('?')[1])));
    expect(view).toEqual({
      filter: { show: 'not_shown', identity: 'payroll', who: 'ada@example.org' },
      sort,
      cursor: { direction: 'before', value: sort === 'last' ? at.lastAt.getTime() : 17, id },
      person: id,
      problems: [],
    });
    expect(behindHref({ ...view, page: pageOf(view) })).toBe(href);
  }
  expect(behindHref(parseBehindView({}))).toBe('/people/agents');
});

test.each([
  [{ show: 'hidden' }, 'all, not_shown, expected'],
  [{ sort: 'name' }, 'last, entries'],
  [{ person: '7' }, 'person=7 is not an id'],
  [{ who: 'a\0b' }, 'no text'],
  [{ identity: 'x'.repeat(257) }, 'longer than 256'],
  [{ before: `zzzzzzzzzzz-${id}` }, 'names no page'],
  [{ after: 'x' }, 'names no page'],
  [{ factor: 'totp' }, '“factor”'],
])('what is not understood is said, and shown as if it were not asked: %j', (params, sentence) => {
  const view = parseBehindView(params);
  expect(view.problems).toHaveLength(1);
  expect(view.problems[0]).toContain(sentence);
  expect({ ...view, problems: [] }).toEqual(parseBehindView({}));
});
