import { systemClock } from '@/lib/core/clock';
import { createIssuer, type Issuer } from './issuer';
import { type SsoSettings, ssoSettings } from './settings';

export type CurrentSso = { settings: SsoSettings; issuer: Issuer };

// Next may load this file once for each route: one memory of the issuer for the process.
const shared = globalThis as { sallyportSso?: CurrentSso };

/** This console's single sign-on; null where it is not set up. */
export function currentSso(): CurrentSso | null {
  const settings = ssoSettings();
  if (settings === null) return null;
  shared.sallyportSso ??= { settings, issuer: createIssuer(settings.issuer, systemClock) };
  return shared.sallyportSso;
}
