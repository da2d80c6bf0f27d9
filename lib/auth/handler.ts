import NextAuth from 'next-auth';
import { authOptions } from './options';
import { handleSso, isSsoRoute } from './sso/handler';

type Context = { params: Promise<{ nextauth: string[] }> };

/** What the sign-in form needs, and single sign-on beside it. The rest of what next-auth serves does not exist here. */
const served = new Set(['GET csrf', 'POST callback/password']);

const bodyBytesMax = 16_384;

export async function handleAuth(request: Request, context: Context): Promise<Response> {
  const { nextauth } = await context.params;
  const route = `${request.method} ${nextauth.join('/')}`;
  if (!served.has(route) && !isSsoRoute(route)) return new Response(null, { status: 404 });
  // next-auth's body parser has no bound of its own; the form sends a few short fields, with their length.
  const length = request.headers.get('content-length');
  if (request.method === 'POST' && length === null) return new Response(null, { status: 411 });
  if (Number(length) > bodyBytesMax) return new Response(null, { status: 413 });
  if (isSsoRoute(route)) return handleSso(request, context);
  return NextAuth(authOptions())(request, context);
}
