import { generateKeyPairSync, sign } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import type { Message } from './outcome';
import { thumbprintOf, verifyWebhook } from './webhook';

const secretOf = (fill: number) => `whsec_${Buffer.alloc(32, fill).toString('base64')}`;
const [secret, former] = [secretOf(1), secretOf(2)];
const body = '{"type": "invoice.paid"}';
const at = 1_764_489_600;
const message = (headers: Record<string, string>, text = body): Message => ({
  method: 'POST',
  url: 'https://us.example/hooks',
  headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
  body: Buffer.from(text),
});
const headersOf = (signature: string, id = 'msg_1', stamp = at) => ({
  'webhook-id': id,
  'webhook-timestamp': String(stamp),
  'webhook-signature': signature,
});
/** As the library of Standard Webhooks signs. */
const foreign = (by = secret, id = 'msg_1', text = body) =>
  new Webhook(by).sign(id, new Date(at * 1000), text);
const verified = (
  given: Message,
  rule: Partial<{ secrets: string[]; keys: string[] }> = {},
  now = at,
) => verifyWebhook(given, { secrets: [secret, former], keys: [], ...rule }, now);

test('what the library of Standard Webhooks signed is verified, by either secret', () => {
  expect(verified(message(headersOf(foreign())))).toEqual({
    ok: true,
    keyid: 'secret-1',
    id: 'msg_1',
    stamp: at,
  });
  expect(verified(message(headersOf(foreign(former))))).toMatchObject({ keyid: 'secret-2' });
  const several = `v1,AAAA v2,xyz ${foreign()}`;
  expect(verified(message(headersOf(several)))).toMatchObject({ ok: true });
});

test('an asymmetric signature is verified by its registered key', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const signature = sign(null, Buffer.from(`msg_1.${at}.${body}`), privateKey).toString('base64');
  const given = message(headersOf(`v1a,${signature}`));
  expect(verified(given, { secrets: [], keys: [pem] })).toMatchObject({
    ok: true,
    keyid: thumbprintOf(pem),
  });
  expect(verified(given)).toMatchObject({ reason: 'invalid' });
});

describe('refuses', () => {
  test.each([
    ['another body', message(headersOf(foreign()), `${body} `), 'invalid'],
    ['another id', message(headersOf(foreign(), 'msg_2')), 'invalid'],
    ['another time', message(headersOf(foreign(), 'msg_1', at + 1)), 'invalid'],
    ['another secret', message(headersOf(foreign(secretOf(3)))), 'invalid'],
    [
      'no signature',
      message({ 'webhook-id': 'msg_1', 'webhook-timestamp': String(at) }),
      'missing',
    ],
    ['an empty one', message(headersOf('')), 'malformed'],
    ['one without a version', message(headersOf(foreign().slice(3))), 'invalid'],
    ['a hundred of them', message(headersOf(Array(100).fill('v1,AAAA').join(' '))), 'malformed'],
    [
      'a time that is none',
      message({ ...headersOf(foreign()), 'webhook-timestamp': '1e9' }),
      'malformed',
    ],
    ['an id of a thousand letters', message(headersOf(foreign(), 'a'.repeat(1000))), 'malformed'],
  ] as const)('%s', (_what, given, reason) => {
    expect(verified(given)).toMatchObject({ ok: false, reason });
  });

  test('what was cut at another dot, though its signature holds', () => {
    const given = message(headersOf(foreign(secret, 'a.b'), 'a.b'));
    expect(verified(given)).toMatchObject({ reason: 'malformed' });
  });

  test('two headers for one', () => {
    const headers = new Map([...message(headersOf(foreign())).headers, ['webhook-id', ['a', 'b']]]);
    expect(verified({ ...message({}), headers })).toMatchObject({ reason: 'missing' });
  });

  test('a time outside the window', () => {
    const given = message(headersOf(foreign()));
    expect(verified(given, {}, at + 300)).toMatchObject({ ok: true });
    expect(verified(given, {}, at + 301)).toMatchObject({ reason: 'too_old' });
    expect(verified(given, {}, at - 61)).toMatchObject({ reason: 'in_future' });
  });

  test('everything while there is neither secret nor key', () => {
    const none = verified(message(headersOf(foreign())), { secrets: [] });
    expect(none).toMatchObject({ reason: 'invalid' });
  });
});
