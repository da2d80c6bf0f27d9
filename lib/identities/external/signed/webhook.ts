import { createHash, createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import { toleranceSeconds } from '../schema';
import { judgeStamp, type Message, not, type Signed } from './outcome';

const signaturesMax = 20;
const one = ({ headers }: Message, name: string): string | null => {
  const values = headers.get(name) ?? [];
  return values.length === 1 ? (values[0]?.trim() ?? null) : null;
};

/**
 * Verifies a message by Standard Webhooks 1.0: `v1` by one of the shared secrets, `v1a` by one of the Ed25519 keys
 * (SPKI in PEM). Signed are its id, the time and the body; never where it was sent.
 */
export function verifyWebhook(
  message: Message,
  { secrets, keys }: { secrets: readonly string[]; keys: readonly string[] },
  nowSeconds: number,
): Signed {
  const id = one(message, 'webhook-id');
  const time = one(message, 'webhook-timestamp');
  const signature = one(message, 'webhook-signature');
  if (id === null || time === null || signature === null) return not('missing');
  // What is signed is joined by dots: with one in the id it could be cut elsewhere.
  if (!/^[\x21-\x2d\x2f-\x7e]{1,256}$/.test(id) || !/^[1-9]\d{0,11}$/.test(time))
    return not('malformed');
  const signatures = signature.split(' ').filter((each) => each !== '');
  if (signatures.length === 0 || signatures.length > signaturesMax) return not('malformed');
  const stamp = Number(time);
  const late = judgeStamp(stamp, { nowSeconds, toleranceSeconds });
  if (late !== null) return not(late);
  const signed = Buffer.concat([Buffer.from(`${id}.${time}.`), message.body]);
  for (const each of signatures) {
    const keyid = keyOf(each, signed, { secrets, keys });
    if (keyid !== null) return { ok: true, keyid, id, stamp };
  }
  return not('invalid');
}

function keyOf(
  text: string,
  signed: Buffer,
  { secrets, keys }: { secrets: readonly string[]; keys: readonly string[] },
): string | null {
  const [version = '', encoded = ''] = text.split(/,(.*)/s);
  const signature = Buffer.from(encoded, 'base64');
  if (version === 'v1') {
    const at = secrets.findIndex((secret) => {
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      const expected = createHmac('sha256', key).update(signed).digest();
      return expected.length === signature.length && timingSafeEqual(expected, signature);
    });
    return at < 0 ? null : `secret-${at + 1}`;
  }
  if (version !== 'v1a' || signature.length !== 64) return null;
  const found = keys.find((pem) => verify(null, signed, pem, signature));
  return found === undefined ? null : thumbprintOf(found);
}

/** The first half of the SHA-256 of a public key, hex: enough to tell ten apart. */
export const thumbprintOf = (pem: string): string =>
  createHash('sha256')
    .update(createPublicKey(pem).export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 32);
