import { type Config, config, gatewayTlsUrl } from '@/lib/core/config';
import { logEvent } from '@/lib/core/log';
import { isLoopbackHost } from '@/lib/core/network';
import { keyEncryptionKey } from '@/lib/core/secrets';
import { databaseUrl } from '@/lib/db/pool';
import { createApp } from './app';
import { startDevelopmentTls } from './development-tls';
import { openGateway } from './gateway';
import { startHeartbeat } from './heartbeat';
import { startOtlpGrpc } from './otlp-grpc';
import { startReplaying } from './replay';
import { startTls } from './tls';
import { type TlsMaterial, tlsMaterial } from './tls-material';

const PARENT_CHECK_MS = 500;
/** Whoever started this waits ten seconds at most. */
const GIVE_UP_MS = 8000;

async function main(): Promise<void> {
  const settings = config();
  const material = await tlsMaterial(settings);
  const plainHost = plainHostOf(settings, material);
  const kek = keyEncryptionKey();
  const gateway = await openGateway(settings, databaseUrl(), kek);
  const grpc = await startOtlpGrpc(gateway, {
    host: plainHost,
    port: settings.GATEWAY_GRPC_PORT,
  });
  const app = await createApp(gateway);
  const tls =
    material === null
      ? await startDevelopmentTls(gateway, app, kek)
      : await startTls(gateway, app, material);
  // Last, since who finds this port open and ready takes the others for open too.
  await app.listen({ host: plainHost, port: settings.GATEWAY_PORT });
  const replaying = startReplaying(gateway, kek);
  const heartbeat = startHeartbeat(gateway);
  logEvent('gateway_started', {
    host: settings.HOST,
    plainHost,
    port: settings.GATEWAY_PORT,
    grpcPort: grpc.port,
    tlsPort: tls?.port,
    tlsUrl: tls === null ? undefined : gatewayTlsUrl(settings),
    grpcTlsPort: tls?.grpcPort,
    shard: gateway.writer.figures().shard,
  });

  let isStopping = false;
  const stop = async (reason: string) => {
    if (isStopping) return;
    isStopping = true;
    logEvent('gateway_stopping', { reason });
    // In this order: no new requests, those under way answered after their commit, then the rest.
    setTimeout(() => process.exit(1), GIVE_UP_MS).unref();
    await Promise.all([app.close(), grpc.close(), tls?.close()]);
    await replaying.stop();
    await heartbeat.stop();
    await gateway.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  // Started by `npm start`, it must not outlive it.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) void stop('parent is gone');
  }, PARENT_CHECK_MS).unref();
}

/** Plain text goes to this machine and to the proxies in front, and to nobody else. */
function plainHostOf({ HOST, TRUSTED_PROXIES }: Config, material: TlsMaterial | null): string {
  if (isLoopbackHost(HOST) || TRUSTED_PROXIES !== undefined) return HOST;
  // The TLS ports serve the network then.
  if (material !== null) return '127.0.0.1';
  throw new Error(
    'HOST is not loopback, so the gateway would speak plain HTTP and gRPC to the network: set TRUSTED_PROXIES to the proxies that stand in front with TLS, or GATEWAY_TLS_CERT and GATEWAY_TLS_KEY to serve TLS itself.',
  );
}

main().catch((error) => {
  logEvent('gateway_failed', { error });
  process.exit(1);
});
