import { createHash } from 'node:crypto';
import type { ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import type { KeyEncryptionKey } from '@/lib/core/secrets';
import { Prisma, type PrismaClient } from '@/lib/db/prisma';
import { openSecret } from '@/lib/log/record-secrets';
import { originLabels } from './labels';
import { secretAssociated } from './mutations';
import {
  messageBytesMax,
  type Origin,
  type SignedMessage,
  toleranceSeconds,
  Verifier,
  type VerifyReason,
  WebhookSecret,
} from './schema';
import { verifyHttpSignature } from './signed/http-signature';
import { type Message, not, type Signed } from './signed/outcome';
import { verifyWebhook } from './signed/webhook';

export type VerifyCtx = {
  readonly db: PrismaClient;
  readonly kek: KeyEncryptionKey;
  readonly scope: ReadScope;
  readonly now: Date;
};

export type Verified = {
  origin: Origin;
  reason: VerifyReason;
  /** The reason in words. */
  says: string;
  keyid: string | null;
  /** It was verified before, and was signed anew since: it was sent again, as whoever gets no answer does. */
  isRepeat: boolean;
};

/** Whoever verifies later than on arrival says when it arrived. */
const receivedAgoMaxMs = 10 * 60_000;
const aheadMaxMs = 60_000;
/** Of one API; more at once would fill the table of those that were verified. */
const messagesMax = 100_000;

/**
 * Whether an external API signed what is said to come from it. The very same message a second time is refused as
 * replayed; one with the same id that was signed anew is verified and marked as a repeat, since Standard Webhooks are
 * sent again until they are answered. Throws `not_found` where the scope reaches no such
 * API.
 */
export async function verifySigned(
  ctx: VerifyCtx,
  id: string,
  given: SignedMessage,
): Promise<Verified> {
  const { sees } = ctx.scope;
  const api = await ctx.db.externalApi.findFirst({
    where: {
      identityId: id,
      ...(sees === 'all' ? {} : { identity: { teamId: { in: [...sees] } } }),
    },
    select: {
      verifier: true,
      secret: true,
      keyId: true,
      identity: { select: { state: true } },
    },
  });
  if (api === null)
    throw new AppError('not_found', 'No external API with hosts is registered under this id.');
  if (api.identity.state !== 'active') return answer(not('stopped'));
  if (api.verifier === null) return answer(not('no_verifier'));
  const verifier = Verifier.parse(api.verifier);
  const message = messageOf(given);
  const nowSeconds = Math.floor(receivedOf(ctx.now, given.receivedAt).getTime() / 1000);
  const signed =
    verifier.kind === 'message_signatures'
      ? verifyHttpSignature(message, verifier, nowSeconds)
      : verifyWebhook(
          message,
          { keys: verifier.keys, secrets: await secretsOf(ctx, id, api) },
          nowSeconds,
        );
  return signed.ok ? remember(ctx, id, signed) : answer(signed);
}

function messageOf({ method, url, headers, body }: SignedMessage): Message {
  const bytes = Buffer.from(body, 'base64');
  if (bytes.length > messageBytesMax) throw new AppError('too_large', 'body has 1 MiB at most.');
  const byName = new Map<string, string[]>();
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    byName.set(key, [...(byName.get(key) ?? []), ...[value].flat()]);
  }
  return { method, url, headers: byName, body: bytes };
}

function receivedOf(now: Date, text: string | undefined): Date {
  if (text === undefined) return now;
  const at = new Date(text);
  const agoMs = now.getTime() - at.getTime();
  if (agoMs > receivedAgoMaxMs || agoMs < -aheadMaxMs)
    throw new AppError(
      'invalid_input',
      'receivedAt is ten minutes ago at most, and not ahead: verify what arrives when it arrives.',
    );
  return at;
}

async function secretsOf(
  { db, kek }: VerifyCtx,
  id: string,
  { secret, keyId }: { secret: Uint8Array | null; keyId: string | null },
): Promise<string[]> {
  if (secret === null || keyId === null) return [];
  const sealed = { keyId, sealed: new Uint8Array(secret), associated: secretAssociated(id) };
  const opened = await openSecret(db, kek, sealed);
  return WebhookSecret.array().parse(JSON.parse(opened.toString()));
}

/** INVARIANT: of two gateways that verify the same at once, one says so. */
async function remember(
  { db, now }: VerifyCtx,
  identityId: string,
  signed: Extract<Signed, { ok: true }>,
): Promise<Verified> {
  const message = new Uint8Array(createHash('sha256').update(signed.id).digest());
  const stamp = BigInt(signed.stamp);
  // As long as it could be verified, however late whoever received it asks.
  const until = new Date((signed.stamp + toleranceSeconds) * 1000 + receivedAgoMaxMs + aheadMaxMs);
  await db.externalMessage.deleteMany({ where: { identityId, until: { lt: now } } });
  if ((await db.externalMessage.count({ where: { identityId } })) >= messagesMax)
    return answer(not('too_many', signed.keyid));
  const before = await db.externalMessage.count({ where: { identityId, message } });
  try {
    await db.externalMessage.create({
      data: { identityId, message, stamp, until },
      select: { stamp: true },
    });
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002')
      return answer(not('replayed', signed.keyid));
    throw error;
  }
  const { keyid } = signed;
  return {
    origin: 'verified',
    reason: 'signed',
    says: originLabels.signed,
    keyid,
    isRepeat: before > 0,
  };
}

function answer(refused: Signed): Verified {
  const reason = refused.ok ? 'signed' : refused.reason;
  return {
    origin: 'unverified',
    reason,
    says: originLabels[reason],
    keyid: refused.keyid,
    isRepeat: false,
  };
}
