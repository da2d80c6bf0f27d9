import type { BlockList, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { clientAddress, isListed, plainAddress } from '@/lib/core/network';
import { ok, refused } from '@/lib/core/result';
import { forwardedCertificates } from '@/lib/identities/proofs/forwarded-certificate';
import type { Presented } from '@/lib/identities/proofs/schema';

/** As Node has headers; of a gRPC call, its metadata. */
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What only a proxy says. */
const CLIENT_CERT = 'client-cert';
const CLIENT_CERT_CHAIN = 'client-cert-chain';
const ESCAPED_PEM = 'x-ssl-client-cert';
const ofProxies = [CLIENT_CERT, CLIENT_CERT_CHAIN, ESCAPED_PEM];
export const presentedHeaders = ['authorization', 'x-forwarded-for', ...ofProxies];
/** Longer ones are refused by whoever judges them: how long exactly, nobody needs to know. */
const CHAIN_MAX = 100;

/**
 * What a request, or a gRPC call, shows of its sender, on any port. What a proxy tells of a certificate counts only from
 * the addresses in TRUSTED_PROXIES; from anywhere else it is refused, since ignoring it would hide the attempt.
 */
export function presentedBy(
  headers: Headers,
  socket: Socket | undefined,
  proxies: BlockList,
): Presented {
  const peer = plainAddress(socket?.remoteAddress ?? '');
  const address = clientAddress(peer, textOf(headers, 'x-forwarded-for'), proxies);
  return {
    authorization: textOf(headers, 'authorization'),
    certificates: certificatesOf(headers, socket, isListed(peer, proxies)),
    address,
    isProxy: isListed(address, proxies),
  };
}

function certificatesOf(
  headers: Headers,
  socket: Socket | undefined,
  isProxy: boolean,
): Presented['certificates'] {
  const sent = ofProxies.find((name) => headers[name] !== undefined);
  if (sent !== undefined && !isProxy)
    return refused(
      'not_a_proxy',
      `The header ${sent} is taken from the proxies in TRUSTED_PROXIES only. Show your certificate in the TLS handshake, on the TLS port.`,
    );
  if (sent !== undefined) {
    const forwarded = forwardedCertificates({
      clientCert: textOf(headers, CLIENT_CERT),
      clientCertChain: textOf(headers, CLIENT_CERT_CHAIN),
      escapedPem: textOf(headers, ESCAPED_PEM),
    });
    if (!forwarded.ok) return forwarded;
    if (forwarded.value !== null) return ok(forwarded.value);
  }
  // What a proxy shows of itself, as to any upstream, would be everybody's identity who comes without a certificate.
  return socket instanceof TLSSocket && !isProxy ? shownIn(socket) : null;
}

/** Several of one name are one list (RFC 9110, section 5.3). */
function textOf(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

const shown = new WeakMap<TLSSocket, Presented['certificates']>();

/** Read once for each connection, judged at each request: no renegotiation lets another be shown. */
function shownIn(socket: TLSSocket): Presented['certificates'] {
  let certificates = shown.get(socket);
  if (certificates === undefined) {
    certificates = chainOf(socket);
    shown.set(socket, certificates);
  }
  return certificates;
}

function chainOf(socket: TLSSocket): Presented['certificates'] {
  const chain: Buffer[] = [];
  for (
    let next = socket.getPeerX509Certificate();
    next !== undefined && chain.length < CHAIN_MAX;
    next = next.issuerCertificate
  )
    chain.push(next.raw);
  return chain.length === 0 ? null : ok(chain);
}
