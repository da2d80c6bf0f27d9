import type { Instrumentation } from 'next';

/** Runs once before the console's server takes its first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const [
    { watchPeers },
    { ssoSettings },
    { config },
    { logEvent },
    { isLoopbackHost },
    { pool },
    { refuseUnfit },
  ] = await Promise.all([
    import('@/lib/auth/peer'),
    import('@/lib/auth/sso/settings'),
    import('@/lib/core/config'),
    import('@/lib/core/log'),
    import('@/lib/core/network'),
    import('@/lib/db/pool'),
    import('@/lib/db/schema-version'),
  ]);
  try {
    const { HOST, TRUSTED_PROXIES } = config();
    if (!isLoopbackHost(HOST) && TRUSTED_PROXIES === undefined)
      throw new Error(
        'HOST is not loopback, so the console would speak plain HTTP to the network: set TRUSTED_PROXIES to the proxies that stand in front with TLS.',
      );
    // Throws where it is set up in part, or wrongly.
    ssoSettings();
    watchPeers();
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
