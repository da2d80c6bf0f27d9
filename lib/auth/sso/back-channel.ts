import { errors } from 'jose';
import { Budget } from '@/lib/core/budget';
import { logEvent } from '@/lib/core/log';
import type { PrismaClient } from '@/lib/db/prisma';
import { addressOf } from '../peer';
import type { Issuer } from './issuer';
import { endBySso } from './mutations';
import { SsoError } from './refusals';
import type { SsoSettings } from './settings';
import { verifyLogoutToken } from './tokens';

const bodyBytesMax = 65_536;
/**
 * Of each address: whoever is not signed in does not have signatures checked without end. Generous, since an issuer that
 * signs everybody out at once sends all of it from one.
 */
const generous = new Budget({ burst: 5000, perSecond: 200 });

type At = { db: PrismaClient; settings: SsoSettings; issuer: Issuer; now: Date };

/**
 * The issuer's word that a session ended there (OpenID Connect Back-Channel Logout 1.0, sections 2.5 to 2.8): the
 * sign-ins that it names end here at once. 200, or 400 with the reason; never cached.
 */
export async function answerBackChannelLogout(
  request: Request,
  at: At,
  budget: Budget = generous,
): Promise<Response> {
  if (!budget.take(addressOf(request.headers), at.now.getTime()))
    return refusal('temporarily_unavailable', 'too many logout requests', 429);
  try {
    const claims = await verifyLogoutToken(await readToken(request), at);
    const outcome = await endBySso(at.db, claims, at);
    if (!outcome.ok) return refusal('invalid_request', outcome.message);
    return new Response(null, { status: 200, headers: uncached });
  } catch (error) {
    logEvent('sso_logout_refused', { error });
    if (error instanceof SsoError && error.reason === 'unreachable')
      return refusal('temporarily_unavailable', 'the keys of the issuer could not be read');
    if (error instanceof SsoError || error instanceof errors.JOSEError)
      return refusal('invalid_request', 'the logout token is not valid');
    return refusal('server_error', 'it could not be done', 500);
  }
}

async function readToken(request: Request): Promise<string> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded(?:;|$)/i.test(type))
    throw new SsoError('failed', 'the body is not form-encoded');
  const length = Number(request.headers.get('content-length') ?? Number.NaN);
  // HTTP holds a body to the length it announces; one without a length could go on for ever.
  if (!(length <= bodyBytesMax))
    throw new SsoError('failed', 'the body is too long, or of no length');
  const tokens = new URLSearchParams(await request.text()).getAll('logout_token');
  const [token] = tokens;
  if (token === undefined || tokens.length > 1)
    throw new SsoError('failed', 'the body has no logout token, or several');
  return token;
}

const uncached = { 'cache-control': 'no-store' };

const refusal = (error: string, description: string, status = 400) =>
  Response.json({ error, error_description: description }, { status, headers: uncached });
