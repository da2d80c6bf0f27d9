import { expect, test } from 'vitest';
import { can, type Permission, permissions } from '../permissions';
import { roles } from '../schema';
import { changeOf, isMoreThanViewer, isOfRights, isSame, isWithin, meetOf } from './compare';
import { GivenRights } from './schema';

const rights = (over: Partial<GivenRights> = {}): GivenRights => ({
  roles: ['viewer'],
  reach: 'all',
  contentRead: 'none',
  contentExport: 'none',
  teams: [],
  ...over,
});

test('every role may what a viewer may, so that falling back to it gives nothing', () => {
  for (const permission of Object.keys(permissions) as Permission[]) {
    if (!can({ roles: ['viewer'] }, permission)) continue;
    for (const role of roles) expect(can({ roles: [role] }, permission), permission).toBe(true);
  }
});

test('what is kept at once is within what was and within what shall be', () => {
  const kinds = ['none', 'teams', 'all'] as const;
  const all = roles.flatMap((role) =>
    kinds.flatMap((contentRead) =>
      (['teams', 'all'] as const).map((reach) => rights({ roles: [role], contentRead, reach })),
    ),
  );
  const permissionNames = Object.keys(permissions) as Permission[];
  for (const before of all) {
    for (const after of all) {
      const kept = meetOf(before, after);
      for (const whole of [before, after]) {
        expect(isWithin(kept.contentRead, whole.contentRead)).toBe(true);
        expect(isWithin(kept.reach, whole.reach)).toBe(true);
        for (const name of permissionNames)
          if (can(kept, name)) expect(can(whole, name)).toBe(true);
      }
    }
  }
});

test('taking rights away keeps all of what is left', () => {
  const before = rights({ roles: ['analyst', 'admin'], contentRead: 'all', contentExport: 'all' });
  const after = rights({ roles: ['analyst'], contentRead: 'teams' });
  expect(isSame(meetOf(before, after), after)).toBe(true);
});

test('a team is a right only where rights go by teams', () => {
  const team = '01a2075f-e27b-7ea8-9f0b-4be9bfb69e53';
  const [plain, inTeam] = [rights(), rights({ teams: [team] })];
  expect(isOfRights(plain, inTeam)).toBe(false);
  expect(isSame(meetOf(plain, inTeam), inTeam)).toBe(true);
  const [reads, readsInTeam] = [plain, inTeam].map((each) => ({
    ...each,
    contentRead: 'teams' as const,
  })) as [GivenRights, GivenRights];
  expect(isOfRights(reads, readsInTeam)).toBe(true);
  expect(meetOf(reads, readsInTeam).teams).toEqual([]);
});

test('a role, content, or the activity of all makes an invitation more than one for a viewer', () => {
  expect(isMoreThanViewer(rights({ reach: 'teams' }))).toBe(false);
  expect(isMoreThanViewer(rights())).toBe(true);
  expect(isMoreThanViewer(rights({ reach: 'teams', contentRead: 'teams' }))).toBe(true);
  expect(isMoreThanViewer(rights({ reach: 'teams', roles: ['viewer', 'analyst'] }))).toBe(true);
});

test('an entry says what differs and nothing else', () => {
  expect(changeOf(rights(), rights({ roles: ['analyst'] }))).toEqual({
    before: { roles: ['viewer'] },
    after: { roles: ['analyst'] },
  });
});

test('rights are whole: a role, and no export of what cannot be read', () => {
  expect(GivenRights.safeParse(rights({ roles: [] })).success).toBe(false);
  expect(
    GivenRights.safeParse(rights({ contentExport: 'all', contentRead: 'teams' })).success,
  ).toBe(false);
  expect(GivenRights.parse({ ...rights(), roles: ['admin', 'viewer', 'admin'] }).roles).toEqual([
    'viewer',
    'admin',
  ]);
});
