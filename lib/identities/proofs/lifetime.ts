import { refused } from '@/lib/core/result';
import type { Claims } from './federated-rule';

/** How far the clocks of an issuer and of this gateway may be apart. */
export const skewMs = 60_000;

/** What of a token's times stands against it at this moment (RFC 7519, sections 4.1.4 to 4.1.6); null when nothing does. */
export function untimely(claims: Claims, nowMs: number) {
  const { exp, nbf, iat } = claims;
  if (!isTime(exp)) return refused('invalid', 'The token has no exp: it must say when it expires.');
  if (exp * 1000 + skewMs <= nowMs)
    return refused('expired', 'The token has expired. Send one that was issued later.');
  for (const [name, time] of [['nbf', nbf] as const, ['iat', iat] as const]) {
    if (time === undefined) continue;
    if (!isTime(time)) return refused('invalid', `The ${name} of the token is no time.`);
    if (time * 1000 - skewMs > nowMs)
      return refused(
        'not_yet_valid',
        `The token is not valid yet: its ${name} is in the future. Check the clock of its issuer.`,
      );
  }
  return null;
}

/** Until when a token whose times hold may be taken, in milliseconds since 1970. */
export const untilMsOf = ({ exp }: Claims): number => (isTime(exp) ? exp * 1000 + skewMs : 0);

export const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 && value < 1e11;

/** The audience of a token that has exactly one; null where it has none or several, and could be taken elsewhere too. */
export function soleAudienceOf({ aud }: Claims): string | null {
  const [first, ...others]: unknown[] = Array.isArray(aud) ? aud : [aud];
  return typeof first === 'string' && first !== '' && others.length === 0 ? first : null;
}
