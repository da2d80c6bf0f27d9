import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Budget } from '@/lib/core/budget';
import { gatewayTlsUrl, gatewayUrl } from '@/lib/core/config';
import { AppError, type ErrorCode, problemOf } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { clientAddress, isListed, parseNetworks, sourceOf } from '@/lib/core/network';
import { createSeats } from '@/lib/core/seats';
import { askEnrolment } from '@/lib/identities/enrolment/mutations';
import { findEnrolmentStatus } from '@/lib/identities/enrolment/queries';
import { type EnrolmentRefusal, enrolmentBounds } from '@/lib/identities/enrolment/schema';
import { thumbprintGroups } from '@/lib/identities/enrolment/thumbprint';
import type { Gateway } from '../gateway';
import { answerOf } from './answer';
import { createOneByOne } from './one-by-one';
import { createRefusalLog } from './refusal-log';

/** Of one address: a workload asks once, and then looks what became of it. */
const requests = { POST: { perSecond: 1, burst: 30 }, GET: { perSecond: 10, burst: 60 } };

const codeOf: Record<EnrolmentRefusal, ErrorCode> = {
  off: 'forbidden',
  malformed: 'invalid_input',
  too_large: 'too_large',
  invalid_proof: 'unauthenticated',
  wrong_audience: 'unauthenticated',
  stale: 'unauthenticated',
  replayed: 'unauthenticated',
  not_invited: 'forbidden',
  code_unknown: 'forbidden',
  code_ended: 'forbidden',
  code_used_up: 'forbidden',
  too_many_open: 'rate_limited',
  too_many_from_address: 'rate_limited',
  key_asks_already: 'conflict',
  key_registered: 'conflict',
  key_revoked: 'conflict',
  name_taken: 'conflict',
};

class EnrolmentError extends AppError {
  readonly reason: EnrolmentRefusal;

  constructor(reason: EnrolmentRefusal, message: string, retryAfterSeconds?: number) {
    super(codeOf[reason], message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
    this.reason = reason;
  }
}

const Body = z.object({ request: z.string() });

/**
 * `POST /v1/enrolments`: a workload asks to be registered with its key, and `GET /v1/enrolments/{id}`: what became of
 * that. Neither asks who is there; what is asked waits for a person.
 */
export async function enrolments(
  app: FastifyInstance,
  { gateway }: { gateway: Gateway },
): Promise<void> {
  const proxies = parseNetworks(gateway.config.TRUSTED_PROXIES);
  const url = gatewayUrl(gateway.config).replace(/\/$/, '');
  const audiences = audiencesOf(gateway);
  const budgets = { POST: new Budget(requests.POST), GET: new Budget(requests.GET) };
  const seats = createSeats({
    max: 40,
    perOwnerMax: 8,
    ownSays:
      'Requests of this address are under way. Send this again after the time in Retry-After.',
    allSays: 'Many ask at once. Send this again after the time in Retry-After.',
    retryAfterSeconds: 5,
  });
  const inTurn = createOneByOne();
  const refusals = createRefusalLog(gateway);
  const addressOf = ({ headers, socket }: FastifyRequest): string => {
    const forwardedFor = [headers['x-forwarded-for']].flat().join(',') || undefined;
    return clientAddress(socket.remoteAddress ?? '', forwardedFor, proxies);
  };

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': request.id,
    });
    const source = sourceOf(addressOf(request));
    const nowMs = gateway.clock().getTime();
    const budget = request.method === 'POST' ? budgets.POST : budgets.GET;
    if (!budget.take(source, nowMs))
      throw new AppError(
        'rate_limited',
        'This address asks too often. Send this again after the time in Retry-After.',
        { retryAfterSeconds: budget.waitSeconds(source, nowMs) },
      );
  });
  app.setErrorHandler(async (error, request, reply) => {
    const known = error instanceof AppError ? error : fromFastify(error);
    if (known instanceof EnrolmentError)
      await refusals.note(addressOf(request), known.reason, gateway.clock());
    answerProblem(known ?? error, request, reply);
  });

  app.post('/', { bodyLimit: enrolmentBounds.bodyBytesMax }, async (request, reply) => {
    const address = addressOf(request);
    const body = Body.safeParse(request.body);
    const leave = seats.take(sourceOf(address));
    try {
      const asked = await inTurn(() =>
        askEnrolment(
          {
            ...{ db: gateway.records, address, audiences, now: gateway.clock() },
            isProxy: isListed(address, proxies),
          },
          body.success ? body.data.request : undefined,
        ),
      );
      if (!asked.ok) throw new EnrolmentError(asked.reason, asked.message, asked.retryAfterSeconds);
      const { id, thumbprint, expiresAt } = asked.value;
      return await reply.code(202).send({
        id,
        state: 'pending',
        thumbprint,
        thumbprintGroups: thumbprintGroups(thumbprint).join(' '),
        status: `${url}/v1/enrolments/${id}`,
        expiresAt: expiresAt.toISOString(),
        next: 'A person compares this thumbprint with what you show them and accepts or refuses. Nothing is issued until then; ask at `status`, once a minute.',
      });
    } finally {
      leave();
    }
  });
  app.get<{ Params: { id: string } }>('/:id', async ({ params }) => {
    const id = z.guid().safeParse(params.id);
    const found = id.success
      ? await findEnrolmentStatus(gateway.pool, id.data, gateway.clock())
      : null;
    if (found === null)
      throw new AppError(
        'not_found',
        'There is no such enrolment. It was never asked for here, or ended long ago.',
      );
    return answerOf(params.id, found, gateway.config);
  });
}

/** What this gateway is called by whoever signs for it: without a slash at the end. */
const audiencesOf = ({ config }: Gateway): string[] =>
  [gatewayUrl(config), gatewayTlsUrl(config)].map((url) => url.replace(/\/$/, ''));

function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, retryAfterSeconds, body } = problemOf(error, request.id);
  if (status >= 500) logEvent('enrolment_failed', { requestId: request.id, error });
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  if (status === 401) reply.header('www-authenticate', 'Enrolment realm="sallyport"');
  // What is left of a body that nobody read would be taken for the next request.
  if (status === 413) reply.header('connection', 'close');
  const reason = error instanceof EnrolmentError ? { reason: error.reason } : {};
  reply
    .code(status)
    .type('application/problem+json')
    .send({ ...body, ...reason });
}

function fromFastify(error: unknown): AppError | null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new EnrolmentError(
      'too_large',
      `A request has ${enrolmentBounds.bodyBytesMax / 1024} kB at most. Say less of the purpose, or give fewer names.`,
    );
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500
    ? new EnrolmentError('malformed', 'Send the request as application/json: {"request": "…"}.')
    : null;
}
