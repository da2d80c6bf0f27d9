import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { CONNECTIONS_MAX, CUT_OFF_MS, timeouts } from './app';
import { secureContextOf, type TlsMaterial, tlsOptionsOf } from './tls-material';

export type TlsPort = {
  port: number;
  /** New connections are shown this from now on; those that there are stay. */
  renew(material: TlsMaterial): void;
  close(): Promise<void>;
};

/** The same routes as on the plain port, over TLS, with client certificates asked for. */
export async function startTlsPort(
  app: FastifyInstance,
  { host, port, material }: { host: string; port: number; material: TlsMaterial },
): Promise<TlsPort> {
  await app.ready();
  const server = createServer(
    {
      ...tlsOptionsOf(material, 'http/1.1'),
      requestTimeout: timeouts.requestMs,
      keepAliveTimeout: timeouts.keepAliveMs,
    },
    (request, response) => app.routing(request, response),
  );
  server.setTimeout(timeouts.requestMs);
  // Before any handshake is done, too.
  server.maxConnections = CONNECTIONS_MAX;
  server.listen({ host, port });
  await once(server, 'listening');
  return {
    // Listening on TCP, so there is an address and a port.
    port: (server.address() as AddressInfo).port,
    renew: (renewed) => server.setSecureContext(secureContextOf(renewed)),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const cutOff = setTimeout(() => server.closeAllConnections(), CUT_OFF_MS);
      await closed;
      clearTimeout(cutOff);
    },
  };
}
