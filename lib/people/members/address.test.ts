import { expect, test } from 'vitest';
import { parsePeopleView, peopleHref } from './address';

const id = '01a2075f-e27b-7ea8-9f0b-4be9bfb69e53';

test.each([
  '/people',
  `/people?person=${id}`,
  `/people?role=admin&state=removed&team=${id}&person=${id}`,
  '/people?invitation=new',
  `/people?tab=teams&team=${id}`,
  '/people?tab=roles',
])('%s leads to itself', (href) => {
  const params = Object.fromEntries(new URLSearchParams(href.split('?')[1]));
  const view = parsePeopleView(params);
  expect(view.problems).toEqual([]);
  expect(peopleHref(view)).toBe(href);
});

test('what is not understood becomes a sentence and is left out', () => {
  const view = parsePeopleView({ tab: 'keys', role: 'root', person: 'me', colour: 'red' });
  expect(view).toMatchObject({ tab: 'people', role: null, person: null });
  expect(view.problems).toHaveLength(4);
  expect(view.problems[0]).toContain('“colour”');
  expect(view.problems[2]).toContain('viewer, analyst, policy_author, approver, admin');
});
