import { expect, test } from 'vitest';
import { judgeOrigin, type Standing } from './judge';

const now = new Date('2026-11-30T12:30:00Z');
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const probe = (
  outcome: 'verified' | 'unverified' | 'unreachable',
  minutes = 10,
  host = 'a.example',
) => ({
  host,
  outcome,
  reason: 'its certificate is of somebody else',
  probedAt: ago(minutes),
});
const standing = (change: Partial<Standing> = {}): Standing => ({
  hosts: ['a.example'],
  probes: [probe('verified')],
  unverified: { count: 0, lastHour: null },
  verified: { lastHour: null },
  ...change,
});
const origin = (change: Partial<Standing>) => judgeOrigin(standing(change), now)?.origin ?? null;

test.each<[string, Partial<Standing>, string | null]>([
  ['each host proved itself', {}, 'verified'],
  ['a host showed what it should not', { probes: [probe('unverified')] }, 'unverified'],
  ['a host could not be reached', { probes: [probe('unreachable')] }, null],
  ['nobody was asked yet', { probes: [] }, null],
  ['what it proved was three hours ago', { probes: [probe('verified', 180)] }, null],
  ['what was found against it was three hours ago', { probes: [probe('unverified', 180)] }, null],
  ['one of two was not asked', { hosts: ['a.example', 'b.example'] }, null],
  [
    'a host that is registered no more failed',
    { probes: [probe('verified'), probe('unverified', 10, 'old.example')] },
    'verified',
  ],
  [
    'something came from elsewhere, though its hosts proved themselves',
    { unverified: { count: 3, lastHour: ago(60) } },
    'unverified',
  ],
  [
    'what came from elsewhere was two days ago',
    { unverified: { count: 0, lastHour: ago(2880) } },
    'verified',
  ],
  ['nobody can be asked, and nothing came', { hosts: [], probes: [] }, null],
  [
    'nobody can be asked, and what came was from there',
    { hosts: [], probes: [], verified: { lastHour: ago(90) } },
    'verified',
  ],
])('where %s it is judged so', (_what, change, expected) => {
  expect(origin(change)).toBe(expected);
});

test('it holds until the oldest proof does, and says why', () => {
  const two = standing({
    hosts: ['a.example', 'b.example'],
    probes: [probe('verified', 50), probe('verified', 10, 'b.example')],
  });
  expect(judgeOrigin(two, now)?.until).toEqual(ago(50 - 180));
  expect(judgeOrigin(standing({ probes: [probe('unverified')] }), now)).toMatchObject({
    why: 'a.example: its certificate is of somebody else',
  });
  expect(judgeOrigin(standing({ unverified: { count: 1200, lastHour: ago(30) } }), now)?.why).toBe(
    '1,200 interactions in 24 hours came from elsewhere',
  );
});
