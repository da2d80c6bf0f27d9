import { randomUUID } from 'node:crypto';
import { findPerson, type Held, holdPerson, type SignedIn, watchPerson } from '@/lib/auth/session';
import { AppError, problemOf } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';

/** A live read for the console's own pages: signed in, from this origin only, never cached. */
export const answer = (
  request: Request,
  read: (signedIn: SignedIn) => Promise<unknown>,
  // What every open page asks by itself must not keep an abandoned sign-in from lapsing.
  { isActivity = true }: { isActivity?: boolean } = {},
): Promise<Response> =>
  respond(request, async () => {
    const signedIn = known(await (isActivity ? findPerson() : watchPerson()));
    return Response.json(await read(signedIn), { headers: { 'cache-control': 'no-store' } });
  });

/** The same for an answer that goes on: it asks again, by what it is given, whether it still may. */
export const answerStream = (
  request: Request,
  open: (held: Held) => Promise<Response>,
): Promise<Response> =>
  respond(request, async () => {
    const response = await open(known(await holdPerson()));
    // Next does not cancel a body whose client left before it was piped; once piped it is locked, and the pipe cancels.
    const leave = () => void response.body?.cancel().catch(() => undefined);
    if (request.signal.aborted) leave();
    else request.signal.addEventListener('abort', leave, { once: true });
    return response;
  });

function known<Person>(person: Person | null): Person {
  if (person !== null) return person;
  throw new AppError('unauthenticated', 'Your sign-in has ended. Sign in again.');
}

async function respond(request: Request, make: () => Promise<Response>): Promise<Response> {
  // Next answers HEAD by what GET does and drops the body: a stream would go on for nobody.
  if (request.method !== 'GET')
    return new Response(null, { status: 405, headers: { allow: 'GET' } });
  const requestId = randomUUID();
  try {
    const site = request.headers.get('sec-fetch-site');
    if (site !== null && site !== 'same-origin') {
      throw new AppError('forbidden', 'Live reads are for the pages of this console.');
    }
    return await make();
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
