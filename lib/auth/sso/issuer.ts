import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Clock } from '@/lib/core/clock';
import { isLoopbackHost } from '@/lib/core/network';
import { fetchJson } from './fetch-json';
import { SsoError } from './refusals';

/** What of an issuer's description is used (OpenID Connect Discovery 1.0, section 3). */
const Description = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string().max(2048),
  token_endpoint: z.string().max(2048),
  jwks_uri: z.string().max(2048),
  userinfo_endpoint: z.string().max(2048).optional(),
  token_endpoint_auth_methods_supported: z
    .array(z.string())
    .max(50)
    .default(['client_secret_basic']),
  authorization_response_iss_parameter_supported: z.boolean().default(false),
});
export type Description = z.infer<typeof Description>;

const Keys = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });

export type Issuer = {
  describe(): Promise<Description>;
  /** The key that a token says it is signed with; asks again for one that is not known yet. */
  key: JWTVerifyGetKey;
};

const keptMs = 10 * 60_000;
/** How soon after an answer or a failure the issuer is asked again, whoever asks here. */
const askedAgainMs = 15_000;

/** Asks for its description and keys when they are needed, and keeps each for ten minutes. */
export function createIssuer(issuer: string, clock: Clock): Issuer {
  const description = kept(() => readDescription(issuer), clock);
  const keys = kept(async () => {
    const { body } = await asked((await description.get()).jwks_uri);
    const parsed = Keys.safeParse(body);
    if (!parsed.success) throw new SsoError('unreachable', `${issuer} lists no keys`);
    return createLocalJWKSet(parsed.data);
  }, clock);
  return {
    describe: description.get,
    async key(header, token) {
      try {
        return await (await keys.get())(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey) || keys.ageMs() < askedAgainMs)
          throw error;
        keys.drop();
        return (await keys.get())(header, token);
      }
    },
  };
}

async function readDescription(issuer: string): Promise<Description> {
  const { body } = await asked(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const parsed = Description.safeParse(body);
  if (!parsed.success) throw new SsoError('unreachable', `${issuer} does not describe itself`);
  const { data } = parsed;
  // Discovery 1.0, section 4.3: or whoever serves that address could answer for another issuer.
  if (data.issuer !== issuer)
    throw new SsoError('unreachable', `${issuer} says that it is ${data.issuer.slice(0, 200)}`);
  const { authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint } = data;
  for (const endpoint of [authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint])
    if (endpoint !== undefined && !isEndpoint(endpoint, issuer))
      throw new SsoError('unreachable', `${issuer} names an endpoint without https`);
  return data;
}

/** Over TLS; an issuer on loopback may have the others there without. */
function isEndpoint(url: string, issuer: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return (
    protocol === 'https:' ||
    (protocol === 'http:' && issuer.startsWith('http:') && isLoopbackHost(host))
  );
}

async function asked(url: string) {
  const answer = await fetchJson(url);
  if (answer.status === 200) return answer;
  throw new SsoError('unreachable', `${url} answered ${answer.status}`);
}

/** One answer for all who ask at once and for a while after; a failure is not asked again at once either. */
function kept<Value>(load: () => Promise<Value>, clock: Clock) {
  let current: { answer: Promise<Value>; at: number; forMs: number } | undefined;
  return {
    get(): Promise<Value> {
      const now = clock().getTime();
      if (current !== undefined && now - current.at < current.forMs) return current.answer;
      const made = { answer: load(), at: now, forMs: keptMs };
      made.answer.catch(() => {
        made.forMs = askedAgainMs;
      });
      current = made;
      return made.answer;
    },
    ageMs: () =>
      current === undefined ? Number.POSITIVE_INFINITY : clock().getTime() - current.at,
    drop() {
      current = undefined;
    },
  };
}
