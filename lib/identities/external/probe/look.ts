import { X509Certificate } from 'node:crypto';
import { connect, type TLSSocket } from 'node:tls';
import { AppError } from '@/lib/core/errors';
import {
  addressesOutside,
  lookupAmong,
  type OutsideRequest,
  parseOutsideUrl,
} from '@/lib/core/outbound';
import { pinOf, readAuthority } from '../keys';
import { type Probe, toLine } from '../schema';

const timeoutMs = 10_000;
const chainMax = 10;

export type Looking = Pick<OutsideRequest, 'networks' | 'resolve'> & {
  port?: number;
  timeoutMs?: number;
};
/** What a host must show: a chain to one of these (PEM), or of the system's, and one of these keys where any are pinned. */
export type Expected = { authority: string | null; pins: readonly string[] };
type Looked = Omit<Probe, 'host' | 'probedAt'>;

/**
 * Asks a host over TLS what it shows, and sends it nothing: whether its chain leads to the authority, whether it is of
 * this host and its keys are those that were pinned. Asked are public addresses only, and those that are listed.
 */
export async function lookAt(host: string, expected: Expected, looking: Looking): Promise<Looked> {
  try {
    const port = looking.port ?? 443;
    const url = parseOutsideUrl(`https://${host}:${port}/`, looking.networks);
    const addresses = await addressesOutside(url, looking);
    return await shake({ host, port, addresses, looking }, expected);
  } catch (error) {
    if (error instanceof AppError) return nothing('unreachable', error.message);
    throw error;
  }
}

const nothing = (outcome: 'unreachable' | 'unverified', reason: string): Looked => ({
  outcome,
  reason: toLine(reason),
  subject: null,
  issuer: null,
  pin: null,
  endsAt: null,
});

/** What is kept of a host whose authority was revoked; nothing is asked. */
export const disbelieved = nothing('unverified', 'Its authority is believed no more.');

type Target = {
  host: string;
  port: number;
  addresses: Awaited<ReturnType<typeof addressesOutside>>;
  looking: Looking;
};

function shake({ host, port, addresses, looking }: Target, expected: Expected): Promise<Looked> {
  return new Promise((done) => {
    const socket = connect({
      host,
      port,
      servername: host,
      lookup: lookupAmong(addresses),
      minVersion: 'TLSv1.2',
      ...(expected.authority === null
        ? {}
        : { ca: readAuthority(expected.authority).map((each) => each.toString()) }),
      // It is judged below, so that what was wrong can be said with what it showed.
      rejectUnauthorized: false,
    });
    const end = (looked: Looked) => {
      clearTimeout(timer);
      socket.destroy();
      done(looked);
    };
    const timer = setTimeout(
      () => end(nothing('unreachable', 'It did not answer in time.')),
      looking.timeoutMs ?? timeoutMs,
    );
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) =>
      end(nothing('unreachable', `The connection failed${codeOf(code)}.`)),
    );
    socket.once('secureConnect', () => end(judge(socket, host, expected)));
  });
}

const codeOf = (code: string) => (/^[A-Z0-9_]{2,60}$/.test(code) ? ` (${code})` : '');

function judge(socket: TLSSocket, host: string, { authority, pins }: Expected): Looked {
  const chain = chainOf(socket);
  const [own] = chain;
  if (own === undefined) return nothing('unverified', 'It showed no certificate.');
  const shown = {
    subject: toLine(own.subject?.replaceAll('\n', ', ') ?? ''),
    issuer: toLine(own.issuer?.replaceAll('\n', ', ') ?? ''),
    pin: pinOf(own),
    endsAt: new Date(own.validTo),
  };
  const wrong = wrongOf(socket, host, authority);
  if (wrong !== null) return { outcome: 'unverified', reason: toLine(wrong), ...shown };
  if (pins.length > 0 && !chain.some((each) => pins.includes(pinOf(each))))
    return {
      outcome: 'unverified',
      reason: 'Its certificate is sound, and none of its keys is pinned.',
      ...shown,
    };
  return {
    outcome: 'verified',
    reason: pins.length > 0 ? 'Chain, name and pinned key hold.' : 'Chain and name hold.',
    ...shown,
  };
}

function wrongOf(socket: TLSSocket, host: string, authority: string | null): string | null {
  if (socket.authorized) return null;
  const { authorizationError } = socket;
  const code =
    typeof authorizationError === 'string'
      ? authorizationError
      : ((authorizationError as NodeJS.ErrnoException | undefined)?.code ?? ''); // Node gives either, its types say Error.
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `Its certificate is not of ${host}.`;
    case 'CERT_HAS_EXPIRED':
      return 'Its certificate has expired.';
    case 'CERT_NOT_YET_VALID':
      return 'Its certificate is not valid yet.';
    default:
      return `Its chain does not lead to ${authority === null ? 'an authority of the system' : 'the registered authority'}${codeOf(code)}.`;
  }
}

/**
 * Its certificate and those above it, each of which signed the one before: what else it sends along proves nothing, or
 * anybody could send a pinned certificate beside their own.
 */
function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let peer = socket.getPeerCertificate(true);
  while (peer?.raw !== undefined && chain.length < chainMax) {
    const certificate = new X509Certificate(peer.raw);
    const below = chain.at(-1);
    if (
      below !== undefined &&
      !(below.checkIssued(certificate) && below.verify(certificate.publicKey))
    )
      break;
    chain.push(certificate);
    if (peer.issuerCertificate === peer) break;
    peer = peer.issuerCertificate;
  }
  return chain;
}
