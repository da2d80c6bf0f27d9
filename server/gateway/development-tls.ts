import type { FastifyInstance } from 'fastify';
import { logEvent } from '@/lib/core/log';
import { isLoopbackHost } from '@/lib/core/network';
import type { KeyEncryptionKey } from '@/lib/core/secrets';
import {
  certificateMs,
  issueServerCertificate,
  newKeyPair,
  pemOf,
  privateKeyOf,
} from '@/lib/identities/development-ca/certificates';
import { findAuthority } from '@/lib/identities/development-ca/queries';
import { hasDevelopmentCa } from '@/lib/identities/development-ca/schema';
import type { Gateway } from './gateway';
import { startTls, type TlsPorts } from './tls';
import type { TlsMaterial } from './tls-material';

const RENEW_EVERY_MS = certificateMs / 4;
const RENEW_AGAIN_MS = 60_000;

/**
 * Opens the TLS ports with a certificate of the development authority, where there is one and this gateway speaks to its
 * own machine alone; renews it while it runs. Its key is never anywhere but here. A port that is taken is no reason not
 * to start: nobody asked for this one.
 */
export async function startDevelopmentTls(
  gateway: Gateway,
  app: FastifyInstance,
  kek: KeyEncryptionKey,
): Promise<TlsPorts | null> {
  const { config } = gateway;
  if (!hasDevelopmentCa(config) || !isLoopbackHost(config.HOST)) return null;
  const material = await makeMaterial(gateway, kek);
  if (material === null) return null;
  const ports = await startTls(gateway, app, material).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    logEvent('development_tls_not_opened', { error });
    return null;
  });
  if (ports === null) return null;
  const stopRenewing = keepRenewed(gateway, kek, ports);
  return {
    ...ports,
    async close() {
      stopRenewing();
      await ports.close();
    },
  };
}

/** PEM for a new key; null before the authority was made. */
export async function makeMaterial(
  { records, clock }: Pick<Gateway, 'records' | 'clock'>,
  kek: KeyEncryptionKey,
): Promise<TlsMaterial | null> {
  const authority = await findAuthority(records, kek);
  if (authority === null) return null;
  const keys = await newKeyPair();
  const { certificate } = await issueServerCertificate(authority, {
    publicKey: keys.publicKey,
    now: clock(),
  });
  return {
    cert: pemOf('CERTIFICATE', certificate),
    key: pemOf('PRIVATE KEY', await privateKeyOf(keys)),
  };
}

/** Long before it ends; what fails is tried again in a minute. Returns how to stop. */
export function keepRenewed(
  gateway: Pick<Gateway, 'records' | 'clock'>,
  kek: KeyEncryptionKey,
  ports: Pick<TlsPorts, 'renew'>,
  everyMs = RENEW_EVERY_MS,
): () => void {
  let timer: NodeJS.Timeout;
  const wait = (ms: number) => {
    timer = setTimeout(() => void renew(), ms);
    timer.unref();
  };
  const renew = async () => {
    try {
      const material = await makeMaterial(gateway, kek);
      if (material !== null) ports.renew(material);
      wait(everyMs);
    } catch (error) {
      logEvent('development_tls_not_renewed', { error });
      wait(RENEW_AGAIN_MS);
    }
  };
  wait(everyMs);
  return () => clearTimeout(timer);
}
