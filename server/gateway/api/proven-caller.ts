import type { FastifyRequest } from 'fastify';
import { Budget } from '@/lib/core/budget';
import { AppError } from '@/lib/core/errors';
import type { Caller, Presented } from '@/lib/identities/proofs/schema';
import type { Gateway } from '../gateway';
import type { ProvenCtx } from './route';

/** Requests of one identity. */
const requests = { perSecond: 10, burst: 50 };
const apiKey = /^bearer slp_ak_/i;

/** Who asks by a proof of its own, within its share of requests. An API key is no such proof. */
export function createProvenCaller(gateway: Gateway): (presented: Presented) => Promise<Caller> {
  const asked = new Budget(requests);
  return async (presented) => {
    const now = gateway.clock();
    if (apiKey.test(presented.authorization ?? ''))
      throw new AppError(
        'forbidden',
        'No API key may do this: a registered identity does, by a proof of its own.',
      );
    const caller = await gateway.authenticator.authenticate(presented, now);
    const { id } = caller.identity;
    if (!asked.take(id, now.getTime()))
      throw new AppError(
        'rate_limited',
        `This identity makes more than ${requests.perSecond} requests a second. Send this again after the time in Retry-After.`,
        { retryAfterSeconds: asked.waitSeconds(id, now.getTime()) },
      );
    gateway.authenticator.noteUse(caller, now);
    return caller;
  };
}

export function provenCtxOf(gateway: Gateway, { caller }: FastifyRequest): ProvenCtx {
  if (caller === undefined) throw new AppError('unauthenticated', 'This needs a proof.');
  return { db: gateway.records, caller, now: gateway.clock() };
}
