import { randomUUID } from 'node:crypto';
import { findPerson, type SignedIn, watchPerson } from '@/lib/auth/session';
import { AppError, problemOf } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';

/** A live read for the console's own pages: signed in, from this origin only, never cached. */
export async function answer(
  request: Request,
  read: (signedIn: SignedIn) => Promise<unknown>,
  // What every open page asks by itself must not keep an abandoned sign-in from lapsing.
  { isActivity = true }: { isActivity?: boolean } = {},
): Promise<Response> {
  const requestId = randomUUID();
  try {
    const site = request.headers.get('sec-fetch-site');
    if (site !== null && site !== 'same-origin') {
      throw new AppError('forbidden', 'Live reads are for the pages of this console.');
    }
    const signedIn = await (isActivity ? findPerson() : watchPerson());
    if (signedIn === null)
      throw new AppError('unauthenticated', 'Your sign-in has ended. Sign in again.');
    return Response.json(await read(signedIn), { headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    const { status, body } = problemOf(error, requestId);
    if (status >= 500)
      logEvent('live_read_failed', {
        request_id: requestId,
        url: new URL(request.url).pathname,
        error,
      });
    return Response.json(body, {
      status,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    });
  }
}

/** The parameters of a request as a page gets them. */
export function paramsOf(request: Request): Record<string, string[]> {
  const params: Record<string, string[]> = {};
  for (const [name, value] of new URL(request.url).searchParams) {
    params[name] = [...(params[name] ?? []), value];
  }
  return params;
}
