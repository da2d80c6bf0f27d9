import { expect, test } from 'vitest';
import { parseConfig } from '@/lib/core/config';
import { countsIssuerFactors, parseSsoSettings } from './settings';

const env = {
  OIDC_ISSUER: 'https://login.example.com/realms/staff',
  OIDC_CLIENT_ID: 'sallyport',
  OIDC_ROLES: 'soc=analyst',
};
const parse = (over: Record<string, string> = {}) =>
  parseSsoSettings(parseConfig({ ...env, CONSOLE_URL: 'https://console.example.com', ...over }));

test('without its keys there is no single sign-on', () => {
  expect(parseSsoSettings(parseConfig({}))).toBeNull();
});

test('three keys are enough, the others have defaults', () => {
  expect(parse()).toEqual({
    issuer: env.OIDC_ISSUER,
    clientId: 'sallyport',
    clientSecret: null,
    scopes: 'openid email profile',
    groupsClaim: 'groups',
    rolesByGroup: new Map([['soc', ['analyst']]]),
    factors: { amr: new Set(), acr: new Set() },
    name: 'single sign-on',
    redirectUri: 'https://console.example.com/api/auth/callback/sso',
  });
});

test('a set of keys with some missing is refused, and each that is missing is named', () => {
  expect(() => parseConfig({ OIDC_MFA: 'amr:mfa' })).toThrow(
    /OIDC_ISSUER: is missing[\s\S]*OIDC_CLIENT_ID: is missing[\s\S]*OIDC_ROLES: is missing/,
  );
  for (const key of Object.keys(env))
    expect(() => parseConfig({ ...env, [key]: '' }), key).toThrow(`${key}: is missing`);
});

test('the issuer is spoken to over TLS, or on loopback', () => {
  for (const issuer of ['https://login.example.com', 'http://127.0.0.1:4000', 'http://localhost'])
    expect(parse({ OIDC_ISSUER: issuer })?.issuer).toBe(issuer);
  for (const issuer of [
    'http://login.example.com',
    'login.example.com',
    'ftp://localhost',
    'https://login.example.com/?tenant=a',
    'https://login.example.com/#a',
    'https://user:word@login.example.com',
    `https://login.example.com/${'x'.repeat(2100)}`,
  ])
    expect(() => parse({ OIDC_ISSUER: issuer }), issuer).toThrow('OIDC_ISSUER');
});

test('groups have roles, several of them several, and their names any characters', () => {
  const settings = parse({
    OIDC_ROLES:
      'soc=analyst, soc=approver,soc=analyst,CN=Admins%2COU=Staff=admin,50%25=viewer,/a b=viewer',
  });
  expect([...(settings?.rolesByGroup ?? [])]).toEqual([
    ['soc', ['analyst', 'approver']],
    ['CN=Admins,OU=Staff', ['admin']],
    ['50%', ['viewer']],
    ['/a b', ['viewer']],
  ]);
});

test('a role that is none refuses the start, with the roles there are', () => {
  expect(() => parse({ OIDC_ROLES: 'soc=analyst,it=root' })).toThrow(
    'OIDC_ROLES: "it=root" ends with no role; the roles are viewer, analyst, policy_author, approver, admin',
  );
});

test('every mistake is told at once', () => {
  const wrong = {
    OIDC_ROLES: 'analyst,=admin,50%=viewer',
    OIDC_MFA: 'mfa,amr:',
    OIDC_SCOPES: 'email',
  };
  expect(() => parse(wrong)).toThrow(
    /OIDC_SCOPES: must contain openid[\s\S]*"analyst"[\s\S]*"=admin"[\s\S]*"50%=viewer"[\s\S]*"mfa"[\s\S]*"amr:"/,
  );
  expect(() => parse({ OIDC_ROLES: ' , ' })).toThrow('names no group');
});

test('what counts as a second factor is said by amr and acr, and nothing counts unsaid', () => {
  const settings = parse({ OIDC_MFA: 'amr:mfa,amr:hwk, acr:https://refeds.org/profile/mfa' });
  expect(settings?.factors).toEqual({
    amr: new Set(['mfa', 'hwk']),
    acr: new Set(['https://refeds.org/profile/mfa']),
  });
  expect(settings !== null && countsIssuerFactors(settings)).toBe(true);
  const silent = parse();
  expect(silent !== null && countsIssuerFactors(silent)).toBe(false);
});
