import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError, problemOf } from '@/lib/core/errors';
import { isLocalRequest } from '@/lib/core/network';
import { secretHash } from '@/lib/core/secrets';
import type { Gateway } from './gateway';

/** `GET /healthz` (alive), `/readyz` (may be sent to) and `/metrics` (Prometheus). */
export async function health(
  app: FastifyInstance,
  { gateway }: { gateway: Gateway },
): Promise<void> {
  app.setErrorHandler((error, request, reply) => {
    const { status, body } = problemOf(error, request.id);
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="sallyport metrics"');
    reply.code(status).type('application/problem+json').send(body);
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const problem = !gateway.writer.isReady
      ? 'The log cannot be written.'
      : gateway.disk.isLow
        ? 'The disk is almost full.'
        : null;
    if (problem === null) return { status: 'ready' };
    return reply.code(503).send({ status: 'not ready', reason: problem });
  });
  app.get('/metrics', async (request, reply) => {
    refuseStrangers(request, gateway.config.SALLYPORT_SCRAPE_KEY);
    return reply
      .type(gateway.metrics.registry.contentType)
      .send(await gateway.metrics.registry.metrics());
  });
}

/** Figures tell how busy an organisation is: only this machine, or who has the scrape key. */
function refuseStrangers(request: FastifyRequest, scrapeKey: string | undefined): void {
  if (isLocalRequest(request.socket.remoteAddress, request.headers)) return;
  const sent = /^Bearer (.{1,512})$/i.exec(request.headers.authorization ?? '')?.[1];
  // Digests, so that the comparison takes as long for any length.
  if (
    scrapeKey !== undefined &&
    sent !== undefined &&
    timingSafeEqual(secretHash(sent), secretHash(scrapeKey))
  )
    return;
  throw new AppError(
    'unauthenticated',
    'Metrics need the scrape key (SALLYPORT_SCRAPE_KEY) as a bearer token.',
  );
}
