import { NextRequest } from 'next/server';
import NextAuth, { type NextAuthOptions } from 'next-auth';
import type { OAuthConfig } from 'next-auth/providers/oauth';
import { Budget } from '@/lib/core/budget';
import { systemClock } from '@/lib/core/clock';
import { logEvent } from '@/lib/core/log';
import { prisma } from '@/lib/db/prisma';
import { cookieName, cookieOptions, readSignInToken, signInMaxMs } from '../cookie';
import { authOptions } from '../options';
import { addressOf } from '../peer';
import { stepPath, targetOf } from '../target';
import type { SsoPerson } from './claims';
import { type CurrentSso, currentSso } from './current';
import { redeemCode } from './exchange';
import type { Description } from './issuer';
import { signInBySso } from './mutations';
import { refusalPath, SsoError, type SsoRefusal } from './refusals';

type Context = { params: Promise<{ nextauth: string[] }> };

const startRoute = 'POST signin/sso';
const returnRoute = 'GET callback/sso';

/** Whether single sign-on answers this, as `METHOD path` below /api/auth; nothing does where it is not set up. */
export const isSsoRoute = (route: string): boolean =>
  (route === startRoute || route === returnRoute) && currentSso() !== null;

/** Of each address: whoever is not signed in does not ask the issuer things without end. */
const allowance = new Budget({ burst: 100, perSecond: 5 });
/** How long a person may take at the issuer. */
const awaySeconds = 15 * 60;

/**
 * Away to the issuer and back, by next-auth, which makes and checks the CSRF token, state, nonce and PKCE verifier and
 * seals the session cookie. What the browser may add to either request is nothing but what is read here.
 */
export async function handleSso(request: Request, context: Context): Promise<Response> {
  const sso = currentSso();
  if (sso === null) return new Response(null, { status: 404 });
  const isStart = request.method === 'POST';
  const answer = isStart ? goTo : returnTo;
  try {
    if (!allowance.take(addressOf(request.headers), systemClock().getTime()))
      throw new SsoError('busy', 'too many from one address');
    return await (isStart ? start : finish)(request, context, sso);
  } catch (error) {
    logEvent('sso_failed', { error });
    return answer(refusalPath(error instanceof SsoError ? error.reason : 'failed'));
  }
}

const uncached = { 'cache-control': 'no-store' };
const goTo = (url: string, headers: HeadersInit = uncached) => Response.json({ url }, { headers });
const returnTo = (location: string, from: HeadersInit = uncached) => {
  const headers = new Headers(from);
  headers.set('location', location);
  headers.set('cache-control', 'no-store');
  return new Response(null, { status: 302, headers });
};

/** Answers with where to go, for a script: see `startSso`. */
async function start(request: Request, context: Context, sso: CurrentSso): Promise<Response> {
  const sent = await request.text();
  const isFresh = new URLSearchParams(sent).get('fresh') === 'true';
  const description = await sso.issuer.describe();
  const options = optionsOf(sso, description, { isFresh });
  // INVARIANT: without a query, all of which next-auth would pass on to the issuer.
  const url = new URL('/api/auth/signin/sso', request.url);
  const asked = new NextRequest(url, { method: 'POST', headers: request.headers, body: sent });
  const response: Response = await NextAuth(options)(asked, context);
  const { url: away } = await response.json().catch(() => ({ url: undefined }));
  if (!isAt(away, description.authorization_endpoint))
    throw new SsoError('failed', 'the request has no CSRF token of this browser');
  const headers = new Headers(response.headers);
  headers.set('cache-control', 'no-store');
  return goTo(away, headers);
}

function isAt(url: unknown, endpoint: string): url is string {
  if (typeof url !== 'string' || !URL.canParse(url)) return false;
  const [to, at] = [new URL(url), new URL(endpoint)];
  return to.origin === at.origin && to.pathname === at.pathname;
}

/** What a return came to; next-auth passes on no more than whether it came to something. */
type Coming = { opened?: { token: string; isPending: boolean }; reason: SsoRefusal };

async function finish(request: Request, context: Context, sso: CurrentSso): Promise<Response> {
  const url = new URL(request.url);
  const told = url.searchParams.get('error');
  const coming: Coming = { reason: told === 'access_denied' ? 'denied' : 'failed' };
  const description = await sso.issuer.describe();
  const options = optionsOf(sso, description, { coming, request });
  const asked = new NextRequest(url, { headers: request.headers });
  const response: Response = await NextAuth(options)(asked, context);
  const { opened } = coming;
  if (opened === undefined) return returnTo(refusalPath(coming.reason), response.headers);
  const target = targetOf(response.headers.get('location'));
  return returnTo(opened.isPending ? stepPath('factor', target) : target, response.headers);
}

type Leg = { isFresh?: boolean; coming?: Coming; request?: Request };

function optionsOf(
  sso: CurrentSso,
  description: Description,
  { isFresh = false, coming = { reason: 'failed' }, request }: Leg,
): NextAuthOptions {
  const options = authOptions();
  const shortLived = { ...cookieOptions(), maxAge: awaySeconds };
  return {
    ...options,
    cookies: {
      ...options.cookies,
      state: { name: cookieName('state'), options: shortLived },
      nonce: { name: cookieName('nonce'), options: shortLived },
      pkceCodeVerifier: { name: cookieName('pkce'), options: shortLived },
    },
    providers: [providerOf(sso, description, { isFresh, coming })],
    callbacks: {
      ...options.callbacks,
      signIn: async ({ profile }) => {
        if (request !== undefined) await open(request, profile, sso, coming);
        return coming.opened !== undefined;
      },
      jwt: () => ({ signIn: coming.opened?.token }),
      // INVARIANT: no redirect leaves this console, whatever callbackUrl says.
      redirect: ({ url }) => targetOf(url),
    },
  };
}

/** Opens the sign-in, or keeps the reason why not. */
async function open(request: Request, profile: unknown, sso: CurrentSso, coming: Coming) {
  try {
    const cookie = new NextRequest(request).cookies.get(cookieName('session'))?.value;
    const outcome = await signInBySso(prisma(), {
      // What `userinfo.request` below returned.
      person: profile as SsoPerson,
      settings: sso.settings,
      address: addressOf(request.headers),
      userAgent: request.headers.get('user-agent') ?? '',
      replaces: await readSignInToken(cookie),
      now: systemClock(),
    });
    if (outcome.ok) coming.opened = outcome.value;
    else coming.reason = outcome.reason;
  } catch (error) {
    logEvent('sso_failed', { error });
  }
}

function providerOf(
  { settings, issuer }: CurrentSso,
  { authorization_endpoint, token_endpoint }: Description,
  { isFresh, coming }: { isFresh: boolean; coming: Coming },
): OAuthConfig<SsoPerson> {
  let person: SsoPerson | undefined;
  const { clientId, scopes, redirectUri } = settings;
  return {
    id: 'sso',
    name: settings.name,
    type: 'oauth',
    issuer: settings.issuer,
    clientId,
    checks: ['pkce', 'state', 'nonce'],
    idToken: true,
    client: { redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' },
    authorization: {
      url: authorization_endpoint,
      params: { scope: scopes, ...(isFresh ? { prompt: 'login' } : {}), max_age: maxAge(isFresh) },
    },
    token: {
      url: token_endpoint,
      // Instead of next-auth's own, which asks the issuer to describe itself each time and without bound.
      async request({ params, checks }) {
        try {
          const now = systemClock();
          person = await redeemCode({ params, checks }, { issuer, settings, now });
          return { tokens: {} };
        } catch (error) {
          if (error instanceof SsoError) coming.reason = error.reason;
          logEvent('sso_failed', { error });
          throw error;
        }
      },
    },
    userinfo: { request: () => person as never },
    profile: ({ subject }) => ({ id: subject }),
  };
}

/** In seconds. With it an issuer says when it proved the person (Core 1.0, section 3.1.2.1). */
const maxAge = (isFresh: boolean): number => (isFresh ? 0 : signInMaxMs / 1000);
