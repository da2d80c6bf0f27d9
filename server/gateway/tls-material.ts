import { constants, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls';
import type { Config } from '@/lib/core/config';
import { logEvent } from '@/lib/core/log';

/** What the TLS ports show of themselves: PEM, the certificate with the authorities between. */
export type TlsMaterial = { readonly cert: string; readonly key: string };

const HANDSHAKE_MS_MAX = 10_000;
const LOOK_EVERY_MS = 5_000;

/** Of the files that the configuration names, or null where it names none. Throws with what of them is not usable. */
export async function tlsMaterial({
  GATEWAY_TLS_CERT: certFile,
  GATEWAY_TLS_KEY: keyFile,
}: Pick<Config, 'GATEWAY_TLS_CERT' | 'GATEWAY_TLS_KEY'>): Promise<TlsMaterial | null> {
  if (certFile === undefined || keyFile === undefined) return null;
  const [cert, key] = await Promise.all([
    readPem('GATEWAY_TLS_CERT', certFile),
    readPem('GATEWAY_TLS_KEY', keyFile),
  ]);
  try {
    // What is empty for a moment, a context takes without a word.
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
      throw new Error('The key is not that of the certificate.');
    createSecureContext({ cert, key });
  } catch (error) {
    throw new Error(
      `GATEWAY_TLS_CERT (${certFile}) and GATEWAY_TLS_KEY (${keyFile}) are not usable together: they must be PEM, and the key that of the certificate.`,
      { cause: error },
    );
  }
  return { cert, key };
}

async function readPem(name: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`${name}: the file ${file} cannot be read.`, { cause: error });
  }
}

/**
 * Hands over the files' new content whenever it changes, so that certificates are renewed without a restart. While they
 * are not usable the former ones stay, and the log says why. Returns how to stop.
 */
export function watchTlsFiles(
  config: Config,
  given: TlsMaterial,
  renew: (material: TlsMaterial) => void,
  lookEveryMs = LOOK_EVERY_MS,
): () => void {
  let shown = given;
  let told = '';
  let isLooking = false;
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      const found = await tlsMaterial(config);
      told = '';
      if (found === null || (found.cert === shown.cert && found.key === shown.key)) return;
      renew(found);
      shown = found;
      logEvent('tls_renewed');
    } catch (error) {
      // Once for each reason: half of a renewal may be there for a moment.
      if (String(error) !== told) logEvent('tls_not_renewed', { error });
      told = String(error);
    } finally {
      isLooking = false;
    }
  };
  const timer = setInterval(() => void look(), lookEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * A certificate is asked for and not judged here: who it means is asked of each request. Nothing is resumed, since the
 * authorities that were sent with a certificate are not kept in a session, and nothing is renegotiated, so that a
 * connection shows one certificate for its life.
 */
export const secureContextOf = ({ cert, key }: TlsMaterial): SecureContextOptions => ({
  cert,
  key,
  // None, or Node's own list would be searched.
  ca: [],
  minVersion: 'TLSv1.2',
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
});

export const tlsOptionsOf = (material: TlsMaterial, protocol: 'http/1.1' | 'h2'): TlsOptions => ({
  ...secureContextOf(material),
  requestCert: true,
  rejectUnauthorized: false,
  handshakeTimeout: HANDSHAKE_MS_MAX,
  ALPNProtocols: [protocol],
});
