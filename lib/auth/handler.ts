import NextAuth from 'next-auth';
import { authOptions } from './options';

type Context = { params: Promise<{ nextauth: string[] }> };

/** The two things the sign-in form needs. The rest of what next-auth serves does not exist here. */
const served = new Set(['GET csrf', 'POST callback/password']);

export async function handleAuth(request: Request, context: Context): Promise<Response> {
  const { nextauth } = await context.params;
  if (!served.has(`${request.method} ${nextauth.join('/')}`))
    return new Response(null, { status: 404 });
  // next-auth reads at most a few short fields; its body parser itself has no bound.
  if (Number(request.headers.get('content-length') ?? 0) > 16_384)
    return new Response(null, { status: 413 });
  return NextAuth(authOptions())(request, context);
}
