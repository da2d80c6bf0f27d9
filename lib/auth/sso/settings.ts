import { type Config, config, consoleUrl } from '@/lib/core/config';
import type { PeopleSso } from '@/lib/people/ctx';
import { Role, roles } from '@/lib/people/schema';

/** How the organisation's own sign-in is used here (OpenID Connect Core 1.0). */
export type SsoSettings = {
  issuer: string;
  clientId: string;
  /** Null: a public client, which PKCE alone protects. */
  clientSecret: string | null;
  scopes: string;
  groupsClaim: string;
  rolesByGroup: ReadonlyMap<string, readonly Role[]>;
  /** What of `amr` and `acr` counts as a second factor; with neither, nothing does. */
  factors: { amr: ReadonlySet<string>; acr: ReadonlySet<string> };
  name: string;
  redirectUri: string;
};

/** Null where single sign-on is not set up. Throws one error that lists every problem. */
export function parseSsoSettings(env: Config): SsoSettings | null {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_ROLES } = env;
  if (OIDC_ISSUER === undefined || OIDC_CLIENT_ID === undefined || OIDC_ROLES === undefined)
    return null;
  const problems: string[] = [];
  const scopes = env.OIDC_SCOPES ?? 'openid email profile';
  if (!scopes.split(' ').includes('openid'))
    problems.push('OIDC_SCOPES: must contain openid, without which no issuer says who it is');
  const settings = {
    issuer: OIDC_ISSUER,
    clientId: OIDC_CLIENT_ID,
    clientSecret: env.OIDC_CLIENT_SECRET ?? null,
    scopes,
    groupsClaim: env.OIDC_GROUPS_CLAIM ?? 'groups',
    rolesByGroup: parseRoles(OIDC_ROLES, problems),
    factors: parseFactors(env.OIDC_MFA ?? '', problems),
    name: env.OIDC_NAME ?? 'single sign-on',
    redirectUri: new URL('/api/auth/callback/sso', consoleUrl(env)).href,
  };
  if (problems.length === 0) return settings;
  throw new Error(
    `The environment is not usable:\n${problems.map((each) => `  ${each}`).join('\n')}`,
  );
}

const partsOf = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** `group=role`; the last `=` counts, since groups of directories contain some (`CN=SOC%2COU=Staff=analyst`). */
function parseRoles(text: string, problems: string[]): Map<string, readonly Role[]> {
  const byGroup = new Map<string, readonly Role[]>();
  for (const part of partsOf(text)) {
    const at = part.lastIndexOf('=');
    const group = decoded(part.slice(0, Math.max(at, 0)).trim());
    const role = Role.safeParse(part.slice(at + 1).trim());
    if (at < 1 || group === null || group === '')
      problems.push(
        `OIDC_ROLES: "${part}" is not group=role (write %2C for a comma, %25 for a percent sign)`,
      );
    else if (!role.success)
      problems.push(`OIDC_ROLES: "${part}" ends with no role; the roles are ${roles.join(', ')}`);
    else byGroup.set(group, [...new Set([...(byGroup.get(group) ?? []), role.data])]);
  }
  if (byGroup.size === 0 && problems.length === 0)
    problems.push('OIDC_ROLES: names no group, so nobody could sign in; write group=role');
  return byGroup;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function parseFactors(text: string, problems: string[]): SsoSettings['factors'] {
  const factors = { amr: new Set<string>(), acr: new Set<string>() };
  for (const part of partsOf(text)) {
    const [, claim, value] = /^(amr|acr):(.+)$/.exec(part) ?? [];
    if (value !== undefined && (claim === 'amr' || claim === 'acr')) factors[claim].add(value);
    else problems.push(`OIDC_MFA: "${part}" is neither amr:value nor acr:value`);
  }
  return factors;
}

let current: SsoSettings | null | undefined;

/** This console's; null where single sign-on is not set up. */
export function ssoSettings(): SsoSettings | null {
  if (current === undefined) current = parseSsoSettings(config());
  return current;
}

/** What the button says after "Continue with"; null where there is none to show. */
export const ssoName = (): string | null => ssoSettings()?.name ?? null;

/** What changes of people are told of it. */
export const peopleSso = (settings: SsoSettings | null): PeopleSso | null =>
  settings === null
    ? null
    : { issuer: settings.issuer, countsFactors: countsIssuerFactors(settings) };

/** Whether an issuer's word on a second factor counts at all. */
export const countsIssuerFactors = ({ factors }: SsoSettings): boolean =>
  factors.amr.size + factors.acr.size > 0;

/**
 * Whether the configured issuer decides if somebody comes in at all: then no password and no passkey is a first step, or
 * whoever was shut out there would stay in here. A break-glass account is for the day on which the issuer fails.
 */
export const isIssuersOwn = (
  { issuer, isBreakGlass }: { issuer: string | null; isBreakGlass: boolean },
  settings: SsoSettings | null = ssoSettings(),
): boolean => !isBreakGlass && issuer !== null && issuer === settings?.issuer;
