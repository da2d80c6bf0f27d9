import { type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { z } from 'zod';
import { IdClaims } from './claims';
import type { Issuer } from './issuer';
import { SsoError } from './refusals';
import type { SsoSettings } from './settings';

// INVARIANT: signatures of a private key alone. `none` and HS256, for which a public key would be the secret, are out.
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const clockToleranceSeconds = 60;
export const tokenCharsMax = 65_536;

type Verifying = { issuer: Issuer; settings: SsoSettings; now: Date };

async function verify(
  token: string,
  { issuer, settings, now }: Verifying,
  options: JWTVerifyOptions & { types: readonly string[] },
): Promise<JWTPayload> {
  const { types, ...checks } = options;
  if (token.length > tokenCharsMax) throw new SsoError('failed', 'the token is too long');
  const { payload, protectedHeader } = await jwtVerify(token, issuer.key, {
    algorithms,
    issuer: settings.issuer,
    audience: settings.clientId,
    clockTolerance: clockToleranceSeconds,
    currentDate: now,
    ...checks,
  });
  const type = protectedHeader.typ?.toLowerCase().replace(/^application\//, '');
  if (type !== undefined && !types.includes(type))
    throw new SsoError('failed', `a token of type ${type.slice(0, 40)} is not what was asked for`);
  return payload;
}

/** OpenID Connect Core 1.0, section 3.1.3.7. `nonce` is what this browser's request carried. */
export async function verifyIdToken(
  token: string,
  nonce: string,
  verifying: Verifying,
): Promise<IdClaims> {
  const payload = await verify(token, verifying, {
    types: ['jwt'],
    requiredClaims: ['sub', 'iat', 'exp'],
  });
  const { clientId } = verifying.settings;
  if (payload.nonce !== nonce) throw new SsoError('failed', 'the nonce is of another request');
  // A token for several is for us if we are whom it was issued to.
  const isOursAlone = !Array.isArray(payload.aud) || payload.aud.length === 1;
  if (payload.azp === undefined ? !isOursAlone : payload.azp !== clientId)
    throw new SsoError('failed', 'the ID token was issued to another client');
  const parsed = IdClaims.safeParse(payload);
  if (!parsed.success) throw new SsoError('failed', 'the ID token has claims that are not usable');
  return parsed.data;
}

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';

const LogoutClaims = z
  .looseObject({
    jti: z.string().min(1).max(1024),
    sub: z.string().min(1).max(255).optional(),
    sid: z.string().min(1).max(255).optional(),
    events: z.object({ [logoutEvent]: z.object({}) }),
    exp: z.number(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined, 'names neither sub nor sid')
  .refine((claims) => !('nonce' in claims), 'has a nonce, as an ID token would');

export type LogoutClaims = z.infer<typeof LogoutClaims>;

/** OpenID Connect Back-Channel Logout 1.0, section 2.6. Whether its `jti` was seen is for who ends the sign-ins. */
export async function verifyLogoutToken(
  token: string,
  verifying: Verifying,
): Promise<LogoutClaims> {
  const payload = await verify(token, verifying, {
    types: ['jwt', 'logout+jwt'],
    requiredClaims: ['iat', 'exp', 'jti', 'events'],
    maxTokenAge: logoutTokenSeconds,
  });
  const parsed = LogoutClaims.safeParse(payload);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SsoError('failed', `the logout token ${issue?.message ?? 'is not usable'}`);
}

/** How old a logout token may be, whatever it says itself. */
const logoutTokenSeconds = 300;
/** For how long its `jti` must be remembered: as long as it could be taken. */
export const logoutTokenLivesMs = (logoutTokenSeconds + 2 * clockToleranceSeconds) * 1000;
