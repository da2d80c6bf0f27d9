import type { Config } from '@/lib/core/config';
import { logEvent } from '@/lib/core/log';
import type { Resolve } from '@/lib/core/outbound';
import type { ContentKey } from '@/lib/core/secrets';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { notify } from './notify';
import { oneLine } from './one-line';
import { pauseAfter, triesMax } from './retry';
import { Channel, MailPayload } from './schema';
import { deliveryAssociated, openText, webhookAssociated } from './seal';
import { sendMail } from './send-mail';
import { sendWebhook } from './send-webhook';
import type { Sending } from './sending';

/** Whatever it takes to send. */
export type Courier = {
  readonly db: PrismaClient;
  readonly content: ContentKey;
  readonly settings: Config;
  readonly resolve?: Resolve;
};

/** Longer than any try takes: after that, whoever claimed it is taken to have died. */
const leaseMs = 60_000;
const sentKeptMs = 30 * 86_400_000;
const deadKeptMs = 90 * 86_400_000;
const noticesKeptMs = 365 * 86_400_000;

export type Claim = { id: string; tries: number };

/** Takes what is due, for this worker alone until the lease is over. It counts as a try from here on. */
export async function claimDue(
  db: PrismaClient,
  { channel, max }: { channel: Channel; max: number },
  now: Date,
): Promise<Claim[]> {
  const until = new Date(now.getTime() + leaseMs);
  return db.$queryRaw<Claim[]>`
    WITH due AS MATERIALIZED (
      SELECT id FROM delivery WHERE state = 'waiting' AND channel = ${channel} AND due_at <= ${now}
      ORDER BY due_at LIMIT ${max} FOR UPDATE SKIP LOCKED
    )
    UPDATE delivery d SET tries = d.tries + 1, due_at = ${until} FROM due WHERE d.id = due.id
    RETURNING d.id, d.tries`;
}

/** Sends what was claimed and writes down how it went. Never throws for what the other side does. */
export async function deliver(courier: Courier, claim: Claim, now: Date): Promise<void> {
  const row = await findClaimed(courier.db, claim);
  if (row === null) return;
  const obstacle = obstacleOf(row);
  if (obstacle !== null)
    return end(courier.db, claim, { state: 'withdrawn', error: obstacle, now });
  if (claim.tries > triesMax) {
    const error = row.lastError ?? 'The worker stopped at each try.';
    return bury(courier, row, claim, { error, now });
  }
  const sending = await send(courier, row, now).catch((error: unknown): Sending => {
    logEvent('delivery_failed', { delivery: claim.id, error });
    return { ok: false, error: 'It could not be sent; the log of the worker says why.' };
  });
  if (sending.ok) return end(courier.db, claim, { state: 'sent', error: null, now });
  const error = oneLine(sending.error, 500);
  if (sending.isFinal || claim.tries >= triesMax) return bury(courier, row, claim, { error, now });
  await courier.db.delivery.updateMany({
    where: ours(claim),
    data: { dueAt: new Date(now.getTime() + pauseAfter(claim.tries)), lastError: error },
  });
}

/** Drops what was sent, and what was given up, after its time. Returns how many. */
export async function forgetDelivered(db: PrismaClient, now: Date): Promise<number> {
  const before = (ms: number) => ({ lt: new Date(now.getTime() - ms) });
  const { count } = await db.delivery.deleteMany({
    where: {
      OR: [
        { state: { in: ['sent', 'withdrawn'] }, endedAt: before(sentKeptMs) },
        { state: 'dead', endedAt: before(deadKeptMs) },
      ],
    },
  });
  return count;
}

/** Drops what people were told a year ago. Returns how much. */
export async function forgetNotices(db: PrismaClient, now: Date): Promise<number> {
  const before = new Date(now.getTime() - noticesKeptMs);
  const { count } = await db.notice.deleteMany({ where: { createdAt: { lt: before } } });
  return count;
}

type Claimed = NonNullable<Awaited<ReturnType<typeof findClaimed>>>;

const findClaimed = (db: PrismaClient, claim: Claim) =>
  db.delivery.findFirst({
    where: ours(claim),
    select: {
      id: true,
      channel: true,
      target: true,
      personId: true,
      payload: true,
      sealed: true,
      keyId: true,
      lastError: true,
      person: { select: { disabledAt: true } },
      webhook: { select: { id: true, url: true, secret: true, keyId: true, teamId: true } },
    },
  });

// INVARIANT: another worker that claimed it since has counted a try, and then it is not ours to write any more.
const ours = ({ id, tries }: Claim) => ({ id, tries, state: 'waiting' });

function obstacleOf({ channel, person, webhook }: Claimed): string | null {
  if (person !== null && person.disabledAt !== null) return 'The person was disabled.';
  return channel === 'webhook' && webhook === null ? 'The webhook was removed.' : null;
}

async function send(
  { db, content, ...courier }: Courier,
  row: Claimed,
  at: Date,
): Promise<Sending> {
  const { id, sealed, keyId } = row;
  const payload =
    sealed === null || keyId === null
      ? row.payload
      : await openText(db, content, { sealed, keyId }, deliveryAssociated(id));
  if (payload === null)
    return { ok: false, error: 'There is nothing left to send.', isFinal: true };
  if (Channel.parse(row.channel) === 'email') {
    const message = MailPayload.parse(JSON.parse(payload));
    return sendMail(courier.settings, { ...message, id, to: row.target });
  }
  if (row.webhook === null) return { ok: false, error: 'The webhook was removed.', isFinal: true };
  const { url, secret: sealedSecret, keyId: secretKey } = row.webhook;
  const secret = await openText(
    db,
    content,
    { sealed: sealedSecret, keyId: secretKey },
    webhookAssociated(row.webhook.id),
  );
  return sendWebhook(courier.settings, { id, url, secret, payload, at }, courier.resolve);
}

type Ended = { state: 'sent' | 'withdrawn'; error: string | null; now: Date };

/** What was sent, or will not be, is kept no longer: only that it was. */
async function end(db: PrismaClient, claim: Claim, { state, error, now }: Ended): Promise<void> {
  await db.delivery.updateMany({
    where: ours(claim),
    data: { state, endedAt: now, lastError: error, payload: null, sealed: null, keyId: null },
  });
}

/** Gives it up, and tells whoever can mend a webhook, once until they have read it. */
async function bury(
  { db, settings }: Courier,
  row: Claimed,
  claim: Claim,
  { error, now }: { error: string; now: Date },
): Promise<void> {
  await db.$transaction(async (tx) => {
    const { count } = await tx.delivery.updateMany({
      where: ours(claim),
      data: { state: 'dead', endedAt: now, lastError: error },
    });
    if (count > 0 && row.webhook !== null) await tellFailing(tx, row, error, { settings, now });
  });
}

async function tellFailing(
  tx: Transaction,
  { target, personId }: Claimed,
  error: string,
  { settings, now }: { settings: Config; now: Date },
): Promise<void> {
  const told = await tx.notice.findFirst({
    where: {
      kind: 'webhook_failing',
      subject: target,
      readAt: null,
      ...(personId === null ? {} : { personId }),
    },
    select: { id: true },
  });
  if (told !== null) return;
  const toAdmins = { to: { role: 'admin' }, link: '/notices/deliveries' } as const;
  const to = personId === null ? toAdmins : { to: { person: personId } };
  const facts = { last_error: error };
  await notify(tx, { kind: 'webhook_failing', subject: target, facts, at: now, ...to }, settings);
}
