import type { FastifyInstance } from 'fastify';
import type { Gateway } from './gateway';
import { startOtlpGrpc } from './otlp-grpc';
import { type TlsMaterial, watchTlsFiles } from './tls-material';
import { startTlsPort } from './tls-port';

export type TlsPorts = {
  port: number;
  grpcPort: number;
  renew(material: TlsMaterial): void;
  close(): Promise<void>;
};

/** Opens the two TLS ports, HTTP and gRPC, and takes up what changes in the files that the configuration names. */
export async function startTls(
  gateway: Gateway,
  app: FastifyInstance,
  material: TlsMaterial,
): Promise<TlsPorts> {
  const { HOST: host, GATEWAY_TLS_PORT, GATEWAY_GRPC_TLS_PORT } = gateway.config;
  const grpc = await startOtlpGrpc(gateway, { host, port: GATEWAY_GRPC_TLS_PORT, material });
  const http = await startTlsPort(app, { host, port: GATEWAY_TLS_PORT, material }).catch(
    async (error: unknown) => {
      await grpc.close();
      throw error;
    },
  );
  const renew = (renewed: TlsMaterial) => {
    grpc.renew(renewed);
    http.renew(renewed);
  };
  const stopWatching = watchTlsFiles(gateway.config, material, renew);
  return {
    port: http.port,
    grpcPort: grpc.port,
    renew,
    async close() {
      stopWatching();
      await Promise.all([http.close(), grpc.close()]);
    },
  };
}
