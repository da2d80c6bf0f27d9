import { expect, test } from 'vitest';
import { parseConfig } from '@/lib/core/config';
import { IdClaims, needsUserInfo, personOfClaims } from './claims';
import { parseSsoSettings, type SsoSettings } from './settings';

function settingsOf(over: Record<string, string> = {}): SsoSettings {
  const env = {
    OIDC_ISSUER: 'https://login.example.com',
    OIDC_CLIENT_ID: 'sallyport',
    OIDC_ROLES: 'soc=analyst,platform=admin,platform=viewer',
    OIDC_MFA: 'amr:mfa,acr:urn:two',
    ...over,
  };
  const settings = parseSsoSettings(parseConfig(env));
  if (settings === null) throw new Error('no settings');
  return settings;
}
const settings = settingsOf();

const personOf = (claims: object, told: Record<string, unknown> = {}, by = settings) =>
  personOfClaims(IdClaims.parse({ sub: 's', ...claims }), told, by);

test.each([
  [['soc'], ['analyst']],
  [
    ['platform', 'soc', 'staff'],
    ['viewer', 'analyst', 'admin'],
  ],
  ['soc', ['analyst']],
  [['SOC'], []],
  [['so'], []],
  [[], []],
  [undefined, []],
  [null, []],
  [{ soc: true }, []],
  [[['soc']], []],
  [['soc', 7], []],
  [Array.from({ length: 10_001 }, () => 'soc'), []],
  [['x'.repeat(1025), 'soc'], []],
  [['__proto__', 'constructor'], []],
])('groups %j give the roles %j', (groups, roles) => {
  expect(personOf({ groups }).roles).toEqual(roles);
});

test('groups stand in the claim that is named', () => {
  const named = settingsOf({ OIDC_GROUPS_CLAIM: 'https://example.com/roles' });
  expect(personOf({ 'https://example.com/roles': ['soc'] }, {}, named).roles).toEqual(['analyst']);
  expect(personOf({ groups: ['soc'] }, {}, named).roles).toEqual([]);
});

test.each([
  [{ amr: ['pwd', 'mfa'] }, true],
  [{ acr: 'urn:two' }, true],
  [{ amr: ['pwd'] }, false],
  [{ amr: ['MFA'] }, false],
  [{ acr: 'mfa' }, false],
  [{ amr: ['urn:two'] }, false],
  [{}, false],
])('%j shows a second factor: %s', (claims, hasFactor) => {
  expect(personOf(claims).hasFactor).toBe(hasFactor);
});

test('nothing shows a second factor where none is said to count', () => {
  const silent = settingsOf({ OIDC_MFA: '' });
  expect(personOf({ amr: ['mfa'], acr: 'urn:two' }, {}, silent).hasFactor).toBe(false);
});

// If this fails, whoever may change what userinfo tells could claim a second factor or another time.
test('how and when somebody signed in is taken from the signed token alone', () => {
  const told = { amr: ['mfa'], acr: 'urn:two', auth_time: 1, sid: 'x', sub: 'other' };
  expect(personOf({}, told)).toMatchObject({
    subject: 's',
    sid: null,
    hasFactor: false,
    authenticatedAt: null,
  });
  expect(personOf({ groups: [] }, { groups: ['platform'] }).roles).toEqual([]);
});

test.each([
  [{ email: 'A@Example.org', email_verified: true }, 'a@example.org'],
  [{ email: 'a@example.org', email_verified: 'true' }, 'a@example.org'],
  [{ email: 'a@example.org', email_verified: false }, null],
  [{ email: 'a@example.org' }, null],
  [{ email: 'a@example.org', email_verified: 1 }, null],
  [{ email: 'nonsense', email_verified: true }, null],
  [{ email_verified: true }, null],
])('of %j the address is %s', (claims, email) => {
  expect(personOf(claims).email).toBe(email);
  expect(personOf({}, claims).email).toBe(email);
});

test('a token that verifies no address is not helped by an answer that does', () => {
  const told = { email: 'a@example.org', email_verified: true };
  expect(personOf({ email: 'b@example.org' }, told).email).toBeNull();
});

test.each([
  [{ name: 'Grace Hopper' }, 'Grace Hopper'],
  [{ name: 'Grace\u202e\n Hopper\u0000' }, 'Grace   Hopper'],
  [{ name: ' ', preferred_username: 'grace' }, 'grace'],
  [{ name: 7 }, 's'],
  [{ name: '👩‍🚀'.repeat(200) }, undefined],
])('the name of %j is one line to read', (claims, name) => {
  const given = personOf(claims).name;
  if (name !== undefined) expect(given.replace(/ +/g, ' ')).toBe(name.replace(/ +/g, ' '));
  expect(given.length).toBeLessThanOrEqual(200);
  expect(given).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(given.isWellFormed()).toBe(true);
});

test('claims that are no such claims are refused', () => {
  for (const wrong of [
    { sub: '' },
    { sub: 'x'.repeat(256) },
    { sub: 7 },
    { sub: 's', sid: 'x'.repeat(256) },
    { sub: 's', amr: 'mfa' },
    { sub: 's', acr: ['urn:two'] },
    { sub: 's', auth_time: '1' },
    { sub: 's', auth_time: -1 },
  ])
    expect(IdClaims.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
});

test('userinfo is asked where the token names no groups or no address', () => {
  const all = { sub: 's', groups: [], email: 'a@example.org' };
  const asks = (claims: object) => needsUserInfo(IdClaims.parse(claims), settings);
  expect(asks(all)).toBe(false);
  expect(asks({ ...all, groups: undefined })).toBe(true);
  expect(asks({ ...all, email: undefined })).toBe(true);
});
