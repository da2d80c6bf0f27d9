import { z } from 'zod';
import { type Config, config } from '@/lib/core/config';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { parseNetworks } from '@/lib/core/network';
import { parseOutsideUrl } from '@/lib/core/outbound';
import { type KeyEncryptionKey, keyEncryptionKey } from '@/lib/core/secrets';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { type PersonActor, whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import { notify, notifyWebhook } from './notify';
import { WebhookOwner } from './schema';
import { sealText, webhookAssociated } from './seal';
import { newWebhookSecret } from './sign';

export type DeliveryCtx = {
  readonly actor: PersonActor;
  readonly db: PrismaClient;
  readonly now: Date;
  /** This process's own, unless told. */
  readonly kek?: KeyEncryptionKey;
  readonly settings?: Config;
};

const SetWebhook = WebhookOwner.extend({ url: z.string().trim() });
export type SetWebhook = z.infer<typeof SetWebhook>;

/**
 * Sets where notices of one's own, or of a team, are posted. Another address keeps the secret; a first one makes it, and
 * it is returned this once.
 */
export async function setWebhook(ctx: DeliveryCtx, input: SetWebhook): Promise<string | null> {
  authorizeOwner(ctx, input);
  const { team, url: text } = parsed(SetWebhook, input);
  const { WEBHOOK_NETWORKS } = ctx.settings ?? config();
  const { href, host } = parseOutsideUrl(text, parseNetworks(WEBHOOK_NETWORKS));
  return ctx.db.$transaction(async (tx) => {
    const found = await findOwned(tx, ctx, team);
    if (found?.url === href) return null;
    const before = found === null ? null : { host: new URL(found.url).host };
    const secret = found === null ? await addWebhook(tx, ctx, { team, url: href }) : null;
    if (found !== null)
      await tx.webhook.update({
        where: { id: found.id },
        data: { url: href },
        select: { id: true },
      });
    // The path of an address may be what lets in whoever knows it; that it is another one is told all the same.
    await recordControl(tx, 'webhook_set', {
      ...whoOf(ctx.actor),
      team,
      before,
      after: { host, ...(before === null ? {} : { is_other_address: true }) },
    });
    return secret;
  });
}

async function addWebhook(
  tx: Transaction,
  ctx: DeliveryCtx,
  { team, url }: { team: string | null; url: string },
): Promise<string> {
  if (team !== null && (await tx.team.count({ where: { id: team } })) === 0)
    throw new AppError('not_found', 'There is no such team any more.');
  const id = newId(ctx.now.getTime());
  const secret = newWebhookSecret();
  const sealed = await sealSecret(tx, ctx, id, secret);
  const owner = team === null ? { personId: ctx.actor.id } : { teamId: team };
  await tx.webhook.create({
    data: { id, ...owner, url, ...sealed, createdAt: ctx.now, rotatedAt: ctx.now },
    select: { id: true },
  });
  return secret;
}

/** Makes a new secret, with which everything is signed from now on, and returns it, once. */
export async function rotateWebhookSecret(ctx: DeliveryCtx, input: WebhookOwner): Promise<string> {
  authorizeOwner(ctx, input);
  const { team } = parsed(WebhookOwner, input);
  return ctx.db.$transaction(async (tx) => {
    const { id, url } = await getOwned(tx, ctx, team);
    const secret = newWebhookSecret();
    await tx.webhook.update({
      where: { id },
      data: { ...(await sealSecret(tx, ctx, id, secret)), rotatedAt: ctx.now },
      select: { id: true },
    });
    const { host } = new URL(url);
    await recordControl(tx, 'webhook_secret_rotated', { ...whoOf(ctx.actor), team, host });
    return secret;
  });
}

/** Nothing is posted there any more; what waits to be is withdrawn. */
export async function removeWebhook(ctx: DeliveryCtx, input: WebhookOwner): Promise<void> {
  authorizeOwner(ctx, input);
  const { team } = parsed(WebhookOwner, input);
  await ctx.db.$transaction(async (tx) => {
    await withdrawWebhook(tx, ctx, { ...(await getOwned(tx, ctx, team)), team });
  });
}

/** The same within the transaction in which a team goes, which its caller has authorized; nothing where it has none. */
export async function removeWebhookOf(
  tx: Transaction,
  ctx: Pick<DeliveryCtx, 'actor' | 'now'>,
  team: string,
): Promise<void> {
  const found = await findOwned(tx, ctx, team);
  if (found !== null) await withdrawWebhook(tx, ctx, { ...found, team });
}

async function withdrawWebhook(
  tx: Transaction,
  { actor, now }: Pick<DeliveryCtx, 'actor' | 'now'>,
  { id, url, team }: { id: string; url: string; team: string | null },
): Promise<void> {
  const { count } = await tx.delivery.updateMany({
    where: { webhookId: id, state: 'waiting' },
    data: {
      state: 'withdrawn',
      endedAt: now,
      payload: null,
      lastError: 'The webhook was removed.',
    },
  });
  await tx.webhook.deleteMany({ where: { id } });
  const before = { host: new URL(url).host };
  await recordControl(tx, 'webhook_removed', { ...whoOf(actor), team, before, withdrawn: count });
}

/** Sends a test through the outbox: to oneself by every channel, or to a team's webhook alone. */
export async function sendTest(ctx: DeliveryCtx, input: WebhookOwner): Promise<void> {
  authorize(ctx.actor, input.team === null ? 'console.read' : 'deliveries.write');
  const { team } = parsed(WebhookOwner, input);
  const { id: person } = ctx.actor;
  await ctx.db.$transaction(async (tx) => {
    const webhook = await findOwned(tx, ctx, team);
    const to = team === null ? { personId: person } : { webhookId: webhook?.id ?? null };
    const waiting = await tx.delivery.count({ where: { kind: 'test', state: 'waiting', ...to } });
    if (waiting > 0)
      throw new AppError('conflict', 'A test is on its way already. Wait until it has arrived.');
    const test = { kind: 'test', subject: '', at: ctx.now } as const;
    if (team === null) await notify(tx, { ...test, to: { person } }, ctx.settings);
    else {
      const owned = webhook ?? noWebhook();
      await notifyWebhook(tx, test, { ...owned, teamId: team }, ctx.settings);
    }
    await recordControl(tx, 'delivery_tested', { ...whoOf(ctx.actor), team });
  });
}

/** Sends one delivery that was given up once more, or all, with as many tries as at first. Returns how many. */
export async function retryDeliveries(ctx: DeliveryCtx, which: string | 'all'): Promise<number> {
  authorize(ctx.actor, 'deliveries.write');
  const one = z.guid().safeParse(which);
  return ctx.db.$transaction(async (tx) => {
    const hasTarget = { OR: [{ channel: 'email' }, { webhookId: { not: null } }] };
    const asked = one.success ? { id: one.data } : {};
    const { count } =
      one.success || which === 'all'
        ? await tx.delivery.updateMany({
            where: { ...asked, state: 'dead', ...hasTarget },
            data: { state: 'waiting', tries: 0, dueAt: ctx.now, endedAt: null },
          })
        : { count: 0 };
    if (count === 0)
      throw new AppError(
        'not_found',
        'Only what is dead can be tried again, while there is somewhere to send it.',
      );
    await recordControl(tx, 'delivery_retried', {
      ...whoOf(ctx.actor),
      delivery: one.success ? one.data : null,
      deliveries: count,
    });
    return count;
  });
}

/** Marks one notice of one's own as read, or all of them. Returns how many were not. */
export async function readNotices(ctx: DeliveryCtx, which: string | 'all'): Promise<number> {
  authorize(ctx.actor, 'console.read');
  const one = z.guid().safeParse(which);
  if (which !== 'all' && !one.success) return 0;
  return ctx.db.$transaction(async (tx) => {
    const { count } = await tx.notice.updateMany({
      where: { personId: ctx.actor.id, readAt: null, ...(one.success ? { id: one.data } : {}) },
      data: { readAt: ctx.now },
    });
    const notice = one.success ? one.data : null;
    if (count > 0)
      await recordControl(tx, 'notices_read', { ...whoOf(ctx.actor), notice, notices: count });
    return count;
  });
}

const authorizeOwner = ({ actor }: DeliveryCtx, { team }: WebhookOwner): void =>
  authorize(actor, team === null ? 'account.write' : 'deliveries.write');

function parsed<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const { success, data, error } = schema.safeParse(input);
  if (success) return data;
  throw new AppError('invalid_input', error.issues[0]?.message ?? 'There is no such webhook.');
}

const sealSecret = (tx: Transaction, { kek, now }: DeliveryCtx, id: string, secret: string) =>
  sealText(tx, kek ?? keyEncryptionKey(), secret, { associated: webhookAssociated(id), now }).then(
    ({ sealed, keyId }) => ({ secret: sealed, keyId }),
  );

const findOwned = (tx: Transaction, { actor }: Pick<DeliveryCtx, 'actor'>, team: string | null) =>
  tx.webhook.findUnique({
    where: team === null ? { personId: actor.id } : { teamId: team },
    select: { id: true, url: true },
  });

const getOwned = async (tx: Transaction, ctx: DeliveryCtx, team: string | null) =>
  (await findOwned(tx, ctx, team)) ?? noWebhook();

function noWebhook(): never {
  throw new AppError('not_found', 'There is no webhook any more.');
}
