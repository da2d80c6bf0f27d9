import { expect, test } from 'vitest';
import { type FindingFacts, findingsOf } from './findings';

const now = new Date('2026-11-12T12:00:00Z');
const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000);
type Given = Parameters<typeof findingsOf>[0];
const shows = (...classes: Given['credentials']['classes']) => ({
  credentials: { live: classes.length, classes, endsAt: classes.length === 0 ? null : inDays(30) },
});
const ada = { id: '1', name: 'Ada', isGone: false };
const well = {
  kind: 'agent',
  state: 'active',
  owner: ada,
  sponsor: ada,
  credentials: { live: 1, classes: ['held'], endsAt: inDays(30) },
} as const satisfies Given;
const named = (given: Partial<Given>, facts: Partial<FindingFacts> = {}) =>
  findingsOf({ ...well, ...given }, { refused: 0, unexpected: [], ...facts }, now).map(
    ({ name }) => name,
  );

test('nothing is flagged of one that is owned and proves itself', () => {
  expect(named({})).toEqual([]);
});

test.each<[string, Partial<Given>, Partial<FindingFacts>, string[]]>([
  ['without an owner', { owner: null }, {}, ['unowned']],
  ['whose owner has left', { owner: { ...ada, isGone: true } }, {}, ['unowned']],
  ['without a sponsor', { sponsor: null }, {}, ['no_sponsor']],
  ['without a credential', shows(), {}, ['no_proof']],
  [
    'whose credential ends',
    { credentials: { ...well.credentials, endsAt: inDays(6) } },
    {},
    ['expiring'],
  ],
  ['with a bearer secret alone', shows('bearer'), {}, ['bearer_only']],
  ['with a bearer secret besides', shows('held', 'bearer'), {}, []],
  ['that was refused', {}, { refused: 2 }, ['refused']],
  ['of which refusals are not shown', {}, { refused: null }, []],
  ['with a secret that is overdue', {}, { overdue: ['batch key'] }, ['overdue_secrets']],
  ['whose origin is unverified', {}, { isOriginUnverified: true }, ['origin']],
  ['that touched something else', {}, { unexpected: ['wire'] }, ['unexpected']],
  ['an external API', { kind: 'external_api', ...shows() }, {}, []],
  ['that is stopped', { state: 'suspended', ...shows() }, {}, []],
  ['that is gone', { state: 'decommissioned', owner: null, ...shows() }, { refused: 3 }, []],
])('of one %s exactly that is flagged', (_, given, facts, expected) => {
  expect(named(given, facts)).toEqual(expected);
});

test('of refusals as many are said as were counted', () => {
  const said = (refused: number, isRefusedMore = false) =>
    findingsOf(well, { refused, isRefusedMore, unexpected: [] }, now)[0]?.sentence;
  expect(said(1)).toBe('One entry of the last 7 days tells of it.');
  expect(said(50)).toBe('50 entries of the last 7 days tell of it.');
  expect(said(50, true)).toBe('50 or more entries of the last 7 days tell of it.');
});

test('of many names the first are said, and how many more there are', () => {
  const [finding] = findingsOf(well, { refused: 0, unexpected: ['a', 'b', 'c', 'd', 'e'] }, now);
  expect(finding?.sentence).toBe('In 30 days: a, b, c and 2 more.');
});
