import { randomBytes } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import { isExpectedHost } from '@/lib/auth/host';
import { securityHeaders } from '@/lib/auth/security-headers';
import { targetHeader } from '@/lib/auth/target';
import { consoleUrl, config as environment } from '@/lib/core/config';

/** Runs before every page and action: refuses names that are not ours and sets the security headers. */
export function proxy(request: NextRequest): NextResponse {
  const url = consoleUrl(environment());
  const nonce = randomBytes(16).toString('base64');
  const sent = securityHeaders(nonce, url.startsWith('https:'));
  if (!isExpectedHost(request.headers.get('host'), environment()))
    return new NextResponse('This console does not answer to that host name.\n', {
      status: 421,
      headers: { ...sent, 'content-type': 'text/plain; charset=utf-8' },
    });
  const headers = new Headers(request.headers);
  // Next reads the nonce for its own scripts from the policy of the request.
  headers.set('content-security-policy', sent['content-security-policy'] ?? '');
  const { pathname, search } = request.nextUrl;
  headers.set(targetHeader, pathname + search);
  const response = NextResponse.next({ request: { headers } });
  for (const [name, value] of Object.entries(sent)) response.headers.set(name, value);
  return response;
}
