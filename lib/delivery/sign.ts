import { createHmac, randomBytes } from 'node:crypto';

const prefix = 'whsec_';
const secretBytes = 32;

/** A new secret as Standard Webhooks writes it. */
export const newWebhookSecret = (random: Uint8Array = randomBytes(secretBytes)): string =>
  `${prefix}${Buffer.from(random).toString('base64')}`;

/** The headers that prove a message (Standard Webhooks 1.0, symmetric): the id is the same at each try. */
export function signWebhook(
  secret: string,
  { id, payload, at }: { id: string; payload: string; at: Date },
): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1000);
  const key = Buffer.from(secret.slice(prefix.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${payload}`).digest();
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature.toString('base64')}`,
  };
}
