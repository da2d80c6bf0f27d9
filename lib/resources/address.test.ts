import { expect, test } from 'vitest';
import { isNarrowed, noResourceView, parseResourceView, resourcesHref } from './address';
import { changesOf } from './changes';
import type { Registered } from './schema';

test('an address says what it finds, and finds it again', () => {
  const view = parseResourceView({ type: 'tool', q: ' pay ', trust: 'unsaid', _rsc: 'x' });
  expect(view).toMatchObject({ type: 'tool', q: 'pay', trust: 'unsaid', problems: [] });
  expect(resourcesHref(view)).toBe('/resources?type=tool&q=pay&trust=unsaid');
  expect(resourcesHref()).toBe('/resources');
  expect([isNarrowed(view), isNarrowed({ ...noResourceView, type: 'tool' })]).toEqual([
    true,
    false,
  ]);
});

test('what an address says that is not understood becomes a sentence', () => {
  const { problems, ...view } = parseResourceView({ trust: 'most', zone: '1', colour: 'red' });
  expect(view).toMatchObject({ trust: null, zone: null });
  expect(problems).toEqual([
    'The address names “colour”, which this page does not know.',
    'trust=most is not known. It is: trusted, untrusted, sandbox, unsaid.',
    'zone=1 is not known. It is: the id of a zone, or unsaid.',
  ]);
});

test('a version says what differs from the one before, by the names of people, teams and zones', () => {
  const first: Registered = {
    ...{ state: 'registered', names: [], ownerId: 'p', teamId: null, zoneId: null, purpose: '' },
    ...{
      tags: ['b', 'a'],
      classification: null,
      trust: 'trusted',
      sideEffect: null,
      hostNames: [],
    },
  };
  const names = new Map([['p', 'Grace']]);
  expect(changesOf(first, null, names)).toEqual([
    'state: Registered',
    'trust: Trusted',
    'owner: Grace',
    'tags: a, b',
  ]);
  const second: Registered = { ...first, trust: null, tags: ['a', 'b'], ownerId: null };
  expect(changesOf(second, first, names)).toEqual([
    'trust: not said, was Trusted',
    'owner: not said, was Grace',
  ]);
});
