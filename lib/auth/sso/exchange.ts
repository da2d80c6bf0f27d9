import { z } from 'zod';
import { needsUserInfo, personOfClaims, type SsoPerson } from './claims';
import { fetchJson } from './fetch-json';
import type { Description, Issuer } from './issuer';
import { SsoError } from './refusals';
import type { SsoSettings } from './settings';
import { tokenCharsMax, verifyIdToken } from './tokens';

/** What came back through the browser, and what this browser's cookies say that was asked. */
export type Return = {
  params: { code?: unknown; state?: unknown; iss?: unknown };
  checks: { state?: unknown; nonce?: unknown; code_verifier?: unknown };
};

const Tokens = z.object({
  id_token: z.string().max(tokenCharsMax),
  access_token: z.string().max(tokenCharsMax).optional(),
});
type Tokens = z.infer<typeof Tokens>;

const Told = z.looseObject({ sub: z.string() });

export type Exchanging = { issuer: Issuer; settings: SsoSettings; now: Date };

/**
 * Redeems the code for who signed in, or throws an SsoError. State, nonce and verifier must be those that this very
 * browser was sent away with.
 */
export async function redeemCode(
  { params, checks }: Return,
  { issuer, settings, now }: Exchanging,
): Promise<SsoPerson> {
  const { state, nonce, code_verifier: verifier } = checks;
  if (typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string')
    throw new SsoError('failed', 'this browser was not sent to the issuer');
  if (params.state !== state) throw new SsoError('failed', 'the state is of another request');
  const description = await issuer.describe();
  refuseOtherIssuer(params.iss, description);
  if (typeof params.code !== 'string' || params.code === '')
    throw new SsoError('failed', 'no code came back');
  const tokens = await askForTokens({ code: params.code, verifier }, { description, settings });
  const claims = await verified(tokens, nonce, { issuer, settings, now });
  const told = needsUserInfo(claims, settings)
    ? await askWhoThatIs(tokens, claims.sub, description)
    : {};
  return personOfClaims(claims, told, settings);
}

/** RFC 9207: the answer must come from whom the request went to. */
function refuseOtherIssuer(
  iss: unknown,
  { issuer, authorization_response_iss_parameter_supported: isPromised }: Description,
): void {
  if (iss === undefined ? isPromised : iss !== issuer)
    throw new SsoError('failed', 'the answer names another issuer, or none');
}

async function askForTokens(
  { code, verifier }: { code: string; verifier: string },
  { description, settings }: { description: Description; settings: SsoSettings },
): Promise<Tokens> {
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: settings.redirectUri,
    code_verifier: verifier,
  });
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
  };
  const { clientId, clientSecret } = settings;
  if (clientSecret === null) form.set('client_id', clientId);
  else if (mayUseBasic(description)) headers.authorization = basic(clientId, clientSecret);
  else {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret);
  }
  const { status, body } = await fetchJson(description.token_endpoint, {
    method: 'POST',
    headers,
    body: form.toString(),
  });
  const parsed = Tokens.safeParse(body);
  if (status === 200 && parsed.success) return parsed.data;
  const said = z.object({ error: z.string().max(100) }).safeParse(body);
  throw new SsoError(
    status >= 500 ? 'unreachable' : 'failed',
    `the token endpoint answered ${status} ${said.success ? said.data.error : ''}`,
  );
}

const mayUseBasic = ({ token_endpoint_auth_methods_supported: methods }: Description) =>
  methods.includes('client_secret_basic') || !methods.includes('client_secret_post');

/** RFC 6749, section 2.3.1: both are form-encoded first. */
function basic(id: string, secret: string): string {
  const encoded = [id, secret].map((text) => new URLSearchParams({ '': text }).toString().slice(1));
  return `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`;
}

async function verified(tokens: Tokens, nonce: string, exchanging: Exchanging) {
  try {
    return await verifyIdToken(tokens.id_token, nonce, exchanging);
  } catch (error) {
    if (error instanceof SsoError) throw error;
    throw new SsoError('failed', 'the ID token is not valid', { cause: error });
  }
}

/** What the userinfo endpoint tells of the same subject; nothing where there is none to ask. */
async function askWhoThatIs(
  { access_token }: Tokens,
  sub: string,
  { userinfo_endpoint }: Description,
): Promise<Record<string, unknown>> {
  if (userinfo_endpoint === undefined || access_token === undefined) return {};
  const { status, body } = await fetchJson(userinfo_endpoint, {
    headers: { authorization: `Bearer ${access_token}` },
  });
  const parsed = Told.safeParse(body);
  if (status !== 200 || !parsed.success)
    throw new SsoError('unreachable', `the userinfo endpoint answered ${status}`);
  // Core 1.0, section 5.3.2: or an access token that was swapped would tell of somebody else.
  if (parsed.data.sub !== sub) throw new SsoError('failed', 'userinfo tells of another subject');
  return parsed.data;
}
