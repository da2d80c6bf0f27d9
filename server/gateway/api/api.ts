import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Budget } from '@/lib/core/budget';
import { gatewayUrl } from '@/lib/core/config';
import { AppError, problemOf } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import type { SignedMessage } from '@/lib/identities/external/schema';
import type { Caller } from '@/lib/identities/proofs/schema';
import type { ApiKeyHolder } from '@/lib/people/api-keys/queries';
import { mintKeyScope } from '@/lib/tokens/scope';
import type { Gateway } from '../gateway';
import { presentedBy } from '../presented';
import { messageVerification } from './external-apis';
import { identityById, identityList } from './identities';
import {
  credentialRevocation,
  identityDescription,
  identityProposal,
  identitySuspension,
  identityVersions,
} from './identity-commands';
import { identityImport } from './identity-import';
import { interactionById, interactionList } from './interactions';
import { describeApi } from './openapi';
import { postureAttestation, postureOfIdentity } from './posture';
import { createProvenCaller, provenCtxOf } from './proven-caller';
import {
  resourceById,
  resourceDefinitions,
  resourceList,
  resourceProposal,
  zoneList,
} from './resources';

import type { ApiRoute, SentFile } from './route';
import { createApiSeats } from './seats';
import { self } from './self';

declare module 'fastify' {
  interface FastifyRequest {
    apiKey?: ApiKeyHolder;
    /** Of a route that identities ask by a proof of their own. */
    caller?: Caller;
    clientAddress?: string;
    startedMs?: number;
  }
  interface FastifyContextConfig {
    apiRoute?: ApiRoute;
  }
}

/** All that machines may ask by an API key. They propose and stop; what needs a fresh second factor is for people. */
export const apiRoutes: readonly ApiRoute[] = [
  self,
  identityList,
  identityById,
  identityVersions,
  identityProposal,
  identityImport,
  identityDescription,
  identitySuspension,
  credentialRevocation,
  resourceList,
  resourceById,
  resourceDefinitions,
  resourceProposal,
  zoneList,
  postureOfIdentity,
  postureAttestation,
  messageVerification,
  interactionList,
  interactionById,
];

const refusalsLogged = { perSecond: 5, burst: 50 };

/**
 * `/api/v1`: the management API. Every route needs an API key, its description too, but for those that an identity asks
 * by a proof of its own, which take no key.
 */
export async function managementApi(
  app: FastifyInstance,
  { gateway }: { gateway: Gateway },
): Promise<void> {
  const seats = createApiSeats();
  const provenCaller = createProvenCaller(gateway);
  const described = describeApi(apiRoutes, gatewayUrl(gateway.config));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => body,
  );

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
    if (request.routeOptions.config.apiRoute?.by === 'identity')
      request.caller = await provenCaller(presented);
    else
      request.apiKey = await gateway.apiKeys.authenticate(authorization, address, gateway.clock());
    refuseUnreadBody(request);
  });
  // Before a body is read: few are held at once, and none of a key that may not send it.
  app.addHook('preParsing', async ({ apiKey, caller, routeOptions }, reply) => {
    const route = routeOptions.config.apiRoute;
    const who = apiKey?.id ?? caller?.identity.id;
    if (who === undefined || route === undefined) return;
    if (apiKey !== undefined) refuseWithout(apiKey, route);
    reply.raw.once('close', seats.take(who));
  });
  // Once a body is there, which may have been held back: whoever was stopped meanwhile changes nothing.
  app.addHook('preHandler', async (request) => {
    const { apiKey, caller, clientAddress = '', headers, body } = request;
    const now = gateway.clock();
    if (caller !== undefined)
      request.caller = await gateway.authenticator.refuseUnlessStill(caller, now);
    if (apiKey === undefined || !Buffer.isBuffer(body)) return;
    const { authorization } = headers;
    request.apiKey = await gateway.apiKeys.refuseUnlessStill(authorization, clientAddress, now);
    const route = request.routeOptions.config.apiRoute;
    if (route !== undefined) refuseWithout(request.apiKey, route);
  });
  const tell = createTelling(gateway);
  app.addHook('onResponse', async (request, reply) => tell(request, reply));
  app.setErrorHandler(answerProblem);
  app.setNotFoundHandler((request, reply) => {
    answerProblem(noSuchRoute(), request, reply);
  });

  app.get('/openapi.json', async () => described);
  for (const route of apiRoutes)
    app.route({
      method: route.method,
      url: route.path.replace(/\{(\w+)\}/g, ':$1'),
      bodyLimit: route.body?.bytesMax ?? 1,
      config: { apiRoute: route },
      async handler(request, reply) {
        reply.code(route.status);
        const { params, query } = request;
        const asked = { params, query, file: fileOf(request) };
        return route.by === 'key'
          ? route.run(ctxOf(gateway, request), asked)
          : route.run(provenCtxOf(gateway, request), asked);
      },
    });
}

const noSuchRoute = () =>
  new AppError(
    'not_found',
    'There is no such route here. GET /api/v1/openapi.json lists those that there are.',
  );

function ctxOf(gateway: Gateway, { apiKey: key, clientAddress: address = '' }: FastifyRequest) {
  if (key === undefined) throw new AppError('unauthenticated', 'This needs an API key.');
  const scope = mintKeyScope(key.id, address);
  const now = gateway.clock();
  const actor = { kind: 'machine', id: key.id, scopes: key.scopes, address } as const;
  return {
    db: gateway.apiPool,
    key,
    scope,
    now,
    acting: { db: gateway.records, actor, scope, now },
    verifySigned: (id: string, message: SignedMessage) =>
      gateway.verifySigned({ scope, now }, id, message),
  };
}

const mediaTypeOf = (request: FastifyRequest): string =>
  (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

const fileOf = (request: FastifyRequest): SentFile | null =>
  Buffer.isBuffer(request.body) && request.body.length > 0
    ? { mediaType: mediaTypeOf(request), bytes: request.body }
    : null;

function refuseWithout({ scopes }: ApiKeyHolder, { needs }: ApiRoute): void {
  if (needs === null || scopes.includes(needs)) return;
  throw new AppError('forbidden', `This needs the scope ${needs}, which this key has not.`);
}

/** What a route does not take is not read. */
function refuseUnreadBody(request: FastifyRequest): void {
  const { headers, routeOptions } = request;
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0)
    return;
  if (request.is404) throw noSuchRoute();
  const rule = routeOptions.config.apiRoute?.body ?? null;
  if (rule === null)
    throw new AppError('too_large', 'This takes no body. Send the request without one.');
  if (!rule.mediaTypes.includes(mediaTypeOf(request)))
    throw new AppError(
      'unsupported_media_type',
      `This takes ${rule.mediaTypes.join(' or ')}, named in content-type.`,
    );
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
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new AppError('too_large', 'The body is larger than this route takes.');
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
    const { apiKey, caller, clientAddress: address, startedMs = 0 } = request;
    const isKnown = apiKey !== undefined || caller !== undefined;
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    gateway.metrics.apiRequests.inc({ route, status: reply.statusCode });
    if (!isKnown && !told.take('refused', gateway.clock().getTime())) {
      untold += 1;
      return;
    }
    logEvent(isKnown ? 'api_request' : 'api_refused', {
      requestId: request.id,
      key: apiKey?.id,
      identity: caller?.identity.id,
      address,
      route,
      status: reply.statusCode,
      ms: Math.round(performance.now() - startedMs),
      ...(untold === 0 ? {} : { untold }),
    });
    untold = 0;
  };
}
