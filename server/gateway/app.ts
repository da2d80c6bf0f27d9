import Fastify, { type FastifyInstance } from 'fastify';
import { AppError, problemOf } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { managementApi } from './api/api';
import { enrolments } from './enrolment/enrolments';
import type { Gateway } from './gateway';
import { health } from './health';
import { otlpHttp } from './otlp-http';

export const timeouts = { requestMs: 60_000, keepAliveMs: 75_000 } as const;
export const CONNECTIONS_MAX = 4_096;
/** On stopping, whoever is still sending is cut off after this. */
export const CUT_OFF_MS = 2_000;
/** Proxies tell of a certificate, and of the authorities above it, in headers. */
const HEADER_BYTES_MAX = 32 * 1024;

/** All routes of the gateway, and its plain port. */
export async function createApp(gateway: Gateway): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    http: { maxHeaderSize: HEADER_BYTES_MAX },
    genReqId: () => newId(),
    requestTimeout: timeouts.requestMs,
    connectionTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    // Requests under way are finished on close; idle connections are not waited for.
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 256 },
  });
  app.server.maxConnections = CONNECTIONS_MAX;
  app.addHook('preClose', async () => {
    setTimeout(() => app.server.closeAllConnections(), CUT_OFF_MS).unref();
  });
  app.setNotFoundHandler((request, reply) => {
    const { status, body } = problemOf(
      new AppError(
        'not_found',
        'There is no such route here. Telemetry goes to POST /v1/traces, /v1/logs and /v1/metrics.',
      ),
      request.id,
    );
    reply.code(status).type('application/problem+json').send(body);
  });
  await app.register(health, { gateway });
  await app.register(otlpHttp, { gateway });
  await app.register(enrolments, { gateway, prefix: '/v1/enrolments' });
  await app.register(managementApi, { gateway, prefix: '/api/v1' });
  return app;
}
