import NextAuth from 'next-auth';
import { authOptions } from './options';

type Context = { params: Promise<{ nextauth: string[] }> };

/** The two things the sign-in form needs. The rest of what next-auth serves does not exist here. */
const served = new Set(['GET csrf', 'POST callback/password']);

const bodyBytesMax = 16_384;

export async function handleAuth(request: Request, context: Context): Promise<Response> {
  const { nextauth } = await context.params;
  if (!served.has(`${request.method} ${nextauth.join('/')}`))
    return new Response(null, { status: 404 });
  // next-auth's body parser has no bound of its own; the form sends a few short fields, with their length.
  const length = request.headers.get('content-length');
  if (request.method === 'POST' && length === null) return new Response(null, { status: 411 });
  if (Number(length) > bodyBytesMax) return new Response(null, { status: 413 });
  return NextAuth(authOptions())(request, context);
}
