'use server';

import { revalidatePath } from 'next/cache';
import { type ActCtx, act } from '@/lib/auth/act';
import type { Acted } from '@/lib/core/result';
import {
  readNotices,
  removeWebhook,
  retryDeliveries,
  rotateWebhookSecret,
  sendTest,
  setWebhook,
} from '@/lib/delivery/mutations';
import type { WebhookAnswer, WebhookOwner } from '@/lib/delivery/schema';
import type { Permission } from '@/lib/people/permissions';
import { textIn } from '../fields';

/** Marks one notice as read, or all. */
export async function markRead(
  _last: Acted<string> | null,
  form: FormData,
): Promise<Acted<string>> {
  return write('notices_read', 'console.read', async (ctx) => {
    const count = await readNotices(ctx, textIn(form, 'id'));
    return count === 1 ? 'Marked read.' : `${count} marked read.`;
  });
}

/** Sends whoever asks a test by every channel. */
export async function testMine(): Promise<Acted<string>> {
  return write('delivery_test', 'console.read', async (ctx) => {
    await sendTest(ctx, { team: null });
    return 'On its way: it stands in the inbox, and goes to every channel above.';
  });
}

/** Sends one delivery that was given up once more, or all of them. */
export async function retry(_last: Acted<string> | null, form: FormData): Promise<Acted<string>> {
  return write('delivery_retry', 'deliveries.write', async (ctx) => {
    const count = await retryDeliveries(ctx, textIn(form, 'id'));
    return count === 1 ? 'It is tried again.' : `${count} are tried again.`;
  });
}

/** Sets where notices are posted. */
export async function saveWebhook(
  _last: Acted<WebhookAnswer> | null,
  form: FormData,
): Promise<Acted<WebhookAnswer>> {
  return change(form, async (ctx, owner) => {
    const secret = await setWebhook(ctx, { ...owner, url: textIn(form, 'url') });
    return { said: 'Notices are posted there from now on.', secret };
  });
}

/** Makes a new secret. */
export async function rotateWebhook(
  _last: Acted<WebhookAnswer> | null,
  form: FormData,
): Promise<Acted<WebhookAnswer>> {
  return change(form, async (ctx, owner) => {
    const secret = await rotateWebhookSecret(ctx, owner);
    return { said: 'Everything is signed with it from now on.', secret };
  });
}

/** Posts nothing there any more. */
export async function deleteWebhook(
  _last: Acted<WebhookAnswer> | null,
  form: FormData,
): Promise<Acted<WebhookAnswer>> {
  return change(form, async (ctx, owner) => {
    await removeWebhook(ctx, owner);
    return { said: 'Removed. Nothing is posted there any more.', secret: null };
  });
}

/** Sends a test to a team's webhook, or to oneself. */
export async function testWebhook(
  _last: Acted<WebhookAnswer> | null,
  form: FormData,
): Promise<Acted<WebhookAnswer>> {
  const owner = ownerOf(form);
  const permission = owner.team === null ? 'console.read' : 'deliveries.write';
  return write('delivery_test', permission, async (ctx) => {
    await sendTest(ctx, owner);
    return {
      said: 'A test is on its way. What became of it stands below in a moment.',
      secret: null,
    };
  });
}

function change(
  form: FormData,
  run: (ctx: ActCtx, owner: WebhookOwner) => Promise<WebhookAnswer>,
): Promise<Acted<WebhookAnswer>> {
  const owner = ownerOf(form);
  const permission = owner.team === null ? 'account.write' : 'deliveries.write';
  return write('webhook_change', permission, (ctx) => run(ctx, owner));
}

function write<Value>(
  name: string,
  permission: Permission,
  run: (ctx: ActCtx) => Promise<Value>,
): Promise<Acted<Value>> {
  return act({ name, permission }, async (ctx) => {
    const value = await run(ctx);
    revalidatePath('/notices', 'layout');
    return value;
  });
}

/** Without a team it is one's own. */
const ownerOf = (form?: FormData): WebhookOwner => ({
  team: form?.get('team') ? textIn(form, 'team') : null,
});
