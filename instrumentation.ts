import type { Instrumentation } from 'next';

/** Runs once before the console's server takes its first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { watchPeers } = await import('@/lib/auth/peer');
  watchPeers();
}

/** The digest is what the error page shows; here it meets the error that it stands for. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { logEvent } = await import('@/lib/core/log');
  logEvent('page_failed', {
    error,
    digest: error instanceof Error && 'digest' in error ? error.digest : undefined,
    method: request.method,
    route: context.routePath,
  });
};
