import { type Config, consoleUrl } from '@/lib/core/config';
import { isLoopbackAddress, isLoopbackHost } from '@/lib/core/network';

/**
 * Whether a `Host` header names this console. Bound to loopback, any other name is a page of a browser
 * that had its own name point here (DNS rebinding); bound wider, whoever stands in front decides.
 */
export function isExpectedHost(host: string | null, settings: Config): boolean {
  if (settings.HOST !== 'localhost' && !isLoopbackAddress(settings.HOST)) return true;
  if (host === null) return false;
  return isLoopbackHost(host) || host.toLowerCase() === new URL(consoleUrl(settings)).host;
}
