import type { Instrumentation } from 'next';

/** Runs once before the console's server takes its first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const [{ watchPeers }, { logEvent }, { pool }, { refuseUnfit }] = await Promise.all([
    import('@/lib/auth/peer'),
    import('@/lib/core/log'),
    import('@/lib/db/pool'),
    import('@/lib/db/schema-version'),
  ]);
  watchPeers();
  try {
    await refuseUnfit(pool());
  } catch (error) {
    // Next would go on and answer every request with an error; who started it is to see that it ended.
    logEvent('console_refused_to_start', { error });
    process.exit(1);
  }
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
