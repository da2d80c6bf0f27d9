import { endpointOf, isServing } from './acted-on';
import type { Claims } from './claims';
import { hostOf } from './dialects/http';

/** Who called whom, as far as it was said. */
export type Ends = {
  serverAddress: string | null;
  serverPort: number | null;
  clientAddress: string | null;
  clientPort: number | null;
  /** The server's address and port as one, and that of whoever is at the other end. */
  server: string | null;
  peer: string | null;
};

/** The peer of a call that is served is its client; the host is then the server. */
export function readEnds(claims: Claims, spanKind: number): Ends {
  const isServed = isServing(spanKind);
  const server = isServed ? 'host' : 'peer';
  let serverAddress = claims.text('serverAddress') ?? claims.text(`${server}Address`);
  let serverPort = claims.number('serverPort') ?? claims.number(`${server}Port`);
  if (serverAddress === null && !isServed) {
    const host = hostOf(claims.peek('url') ?? '');
    serverAddress = host?.address ?? null;
    serverPort ??= host?.port ?? null;
  }
  const clientAddress =
    claims.text('clientAddress') ?? (isServed ? claims.text('peerAddress') : null);
  const clientPort = claims.number('clientPort') ?? (isServed ? claims.number('peerPort') : null);
  const endpoint = endpointOf(serverAddress, serverPort);
  return {
    serverAddress,
    serverPort,
    clientAddress,
    clientPort,
    server: endpoint,
    peer: isServed ? clientAddress : (endpoint ?? clientAddress),
  };
}
