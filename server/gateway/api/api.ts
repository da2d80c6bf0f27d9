import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Budget } from '@/lib/core/budget';
import { gatewayUrl } from '@/lib/core/config';
import { AppError, problemOf } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import type { ApiKeyHolder } from '@/lib/people/api-keys/queries';
import { mintKeyScope } from '@/lib/tokens/scope';
import type { Gateway } from '../gateway';
import { presentedBy } from '../presented';
import { identityById, identityList } from './identities';
import { interactionById, interactionList } from './interactions';
import { describeApi } from './openapi';
import type { ApiRoute } from './route';
import { createApiSeats } from './seats';
import { self } from './self';

declare module 'fastify' {
  interface FastifyRequest {
    apiKey?: ApiKeyHolder;
    clientAddress?: string;
    startedMs?: number;
  }
}

/** All that machines may ask by an API key. None of it changes anything: acts of people need a fresh second factor. */
export const apiRoutes: readonly ApiRoute[] = [
  self,
  identityList,
  identityById,
  interactionList,
  interactionById,
];

const refusalsLogged = { perSecond: 5, burst: 50 };

/** `/api/v1`: the management API. Every route needs an API key, its description too. */
export async function managementApi(
  app: FastifyInstance,
  { gateway }: { gateway: Gateway },
): Promise<void> {
  const seats = createApiSeats();
  const described = describeApi(apiRoutes, gatewayUrl(gateway.config));
  app.removeAllContentTypeParsers();

  app.addHook('onRequest', async (request, reply) => {
    request.startedMs = performance.now();
    const presented = presentedBy(request.headers, request.socket, gateway.proxies);
    const { address, authorization } = presented;
    request.clientAddress = address;
    reply.headers({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': request.id,
    });
    gateway.authenticator.refuseForged(presented, gateway.clock());
    request.apiKey = await gateway.apiKeys.authenticate(authorization, address, gateway.clock());
    refuseBody(request);
  });
  const tell = createTelling(gateway);
  app.addHook('onResponse', async (request, reply) => tell(request, reply));
  app.setErrorHandler(answerProblem);
  app.setNotFoundHandler((request, reply) => {
    const error = new AppError(
      'not_found',
      'There is no such route here. GET /api/v1/openapi.json lists those that there are.',
    );
    answerProblem(error, request, reply);
  });

  app.get('/openapi.json', async () => described);
  for (const route of apiRoutes)
    app.get(route.path.replace(/\{(\w+)\}/g, ':$1'), async (request) => {
      const { apiKey: key } = request;
      if (key === undefined) throw new AppError('unauthenticated', 'This needs an API key.');
      refuseWithout(key, route);
      const leave = seats.take(key.id);
      try {
        const ctx = {
          db: gateway.apiPool,
          key,
          scope: mintKeyScope(key.id, request.clientAddress ?? ''),
          now: gateway.clock(),
        };
        return await route.run(ctx, request.params, request.query);
      } finally {
        leave();
      }
    });
}

function refuseWithout({ scopes }: ApiKeyHolder, { needs }: ApiRoute): void {
  if (needs === null || scopes.includes(needs)) return;
  throw new AppError('forbidden', `This needs the scope ${needs}, which this key has not.`);
}

/** Nothing here takes one, so none is read. */
function refuseBody({ headers }: FastifyRequest): void {
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0)
    return;
  throw new AppError('too_large', 'This takes no body. Send the request without one.');
}

function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const known = error instanceof AppError ? error : fromFastify(error);
  const { status, retryAfterSeconds, body } = problemOf(known ?? error, request.id);
  if (status >= 500) logEvent('api_failed', { requestId: request.id, error });
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="sallyport api"');
  // What is left of a body that nobody reads would be taken for the next request.
  if (request.headers['content-length'] !== undefined) reply.header('connection', 'close');
  reply.code(status).type('application/problem+json').send(body);
}

function fromFastify(error: unknown): AppError | null {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500
    ? new AppError('invalid_input', 'The request cannot be read.')
    : null;
}

/** One line for each request; of refused ones a bounded number, with how many there were besides. */
function createTelling(gateway: Gateway) {
  const told = new Budget(refusalsLogged);
  let untold = 0;
  return (request: FastifyRequest, reply: FastifyReply): void => {
    const { apiKey, clientAddress: address, startedMs = 0 } = request;
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    gateway.metrics.apiRequests.inc({ route, status: reply.statusCode });
    if (apiKey === undefined && !told.take('refused', gateway.clock().getTime())) {
      untold += 1;
      return;
    }
    logEvent(apiKey === undefined ? 'api_refused' : 'api_request', {
      requestId: request.id,
      key: apiKey?.id,
      address,
      route,
      status: reply.statusCode,
      ms: Math.round(performance.now() - startedMs),
      ...(untold === 0 ? {} : { untold }),
    });
    untold = 0;
  };
}
