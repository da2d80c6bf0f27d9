import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '@/lib/core/ids';
import { type SetExternalApi, SignedMessage } from '@/lib/identities/external/schema';
import { verifySigned } from '@/lib/identities/external/verify';
import { type Externals, openExternals } from '../support/external';
import { startGateway } from '../support/gateway';
import { addApiKey } from '../support/management-api';
import { addPerson } from '../support/organisation';
import { scopeOf } from '../support/people';

let at: Externals;
let id = '';
beforeAll(async () => {
  at = await openExternals();
});
beforeEach(async () => {
  id = await at.add();
});
afterAll(() => at.close());
const set = (change: Partial<SetExternalApi> = {}) => at.set(id, change);

describe('verifying what it signed', () => {
  const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
  const body = '{"type": "invoice.paid"}';
  const message = (msg: string, sentAt: Date, text = body, by = secret) =>
    SignedMessage.parse({
      method: 'POST',
      url: 'https://us.example/hooks',
      headers: {
        'Webhook-Id': msg,
        'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
        'webhook-signature': new Webhook(by).sign(msg, sentAt, text),
      },
      body: Buffer.from(text).toString('base64'),
    });
  const verify = (given: SignedMessage, now = new Date(), scope = scopeOf()) =>
    verifySigned({ db: at.asGateway, kek: at.kek, scope, now }, id, given);
  const webhooks = { verifier: { kind: 'standard_webhooks' } as const, secrets: [secret] };

  test('says so, and refuses the very same a second time', async () => {
    await set(webhooks);
    const sentAt = new Date();
    expect(await verify(message('msg_1', sentAt))).toEqual({
      origin: 'verified',
      reason: 'signed',
      says: 'Signed by a registered key.',
      keyid: 'secret-1',
      isRepeat: false,
    });
    expect(await verify(message('msg_1', sentAt))).toMatchObject({
      origin: 'unverified',
      reason: 'replayed',
    });
    // Sent again, since nobody answered: signed anew, and said to be a repeat.
    expect(await verify(message('msg_1', new Date(sentAt.getTime() + 2_000)))).toMatchObject({
      origin: 'verified',
      isRepeat: true,
    });
    expect(
      await verify(
        message('msg_2', sentAt, body, `whsec_${Buffer.alloc(32, 9).toString('base64')}`),
      ),
    ).toMatchObject({ reason: 'invalid' });
  });

  test('of two that ask at once, one is told that it was verified', async () => {
    await set(webhooks);
    const sentAt = new Date();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => verify(message('msg_1', sentAt))),
    );
    expect(answers.filter(({ origin }) => origin === 'verified')).toHaveLength(1);
  });

  test('goes by when it was received, within ten minutes', async () => {
    await set(webhooks);
    const sentAt = new Date(Date.now() - 9 * 60_000);
    expect(await verify(message('msg_1', sentAt))).toMatchObject({ reason: 'too_old' });
    const given = { ...message('msg_1', sentAt), receivedAt: sentAt.toISOString() };
    expect(await verify(given)).toMatchObject({ origin: 'verified' });
    await expect(
      verify({ ...given, receivedAt: new Date(Date.now() - 11 * 60_000).toISOString() }),
    ).rejects.toThrow('ten minutes ago');
    await expect(
      verify({ ...given, receivedAt: new Date(Date.now() + 2 * 60_000).toISOString() }),
    ).rejects.toThrow('not ahead');
  });

  test('forgets what could not be verified any more', async () => {
    await set(webhooks);
    const sentAt = new Date();
    await verify(message('msg_1', sentAt));
    const later = new Date(sentAt.getTime() + 3_600_000);
    await verify(message('msg_2', later), later);
    expect(await at.asGateway.externalMessage.count({ where: { identityId: id } })).toBe(1);
  });

  test('takes nothing without a verifier, of one that is stopped, or by a secret that was replaced', async () => {
    await set();
    expect(await verify(message('m', new Date()))).toMatchObject({ reason: 'no_verifier' });
    await set(webhooks);
    await set({ verifier: { kind: 'standard_webhooks' } });
    expect(await verify(message('m', new Date()))).toMatchObject({ origin: 'verified' });
    await set({ ...webhooks, secrets: [`whsec_${Buffer.alloc(32, 2).toString('base64')}`] });
    expect(await verify(message('n', new Date()))).toMatchObject({ reason: 'invalid' });
    await at.owner.query(`UPDATE identity SET state = 'suspended' WHERE id = $1`, [id]);
    expect(await verify(message('o', new Date()))).toMatchObject({ reason: 'stopped' });
    await expect(
      verifySigned(
        { db: at.asGateway, kek: at.kek, scope: scopeOf(), now: new Date() },
        newId(),
        message('p', new Date()),
      ),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  test('is told of what the scope reaches alone', async () => {
    await set(webhooks);
    const narrow = scopeOf({ reach: 'teams', teams: [newId()] });
    await expect(verify(message('far', new Date()), new Date(), narrow)).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('is asked by a key with registry:read, a mebibyte at most', async () => {
    await set(webhooks);
    const gateway = await startGateway(at.database);
    const { secret: reader } = await addApiKey(at.owner, await addPerson(at.owner, {}), {
      scopes: ['registry:read'],
    });
    const ask = (body: string, apiKey: string | null = reader) =>
      fetch(`${gateway.url}/api/v1/external-apis/${id}/verify`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        body,
      });
    try {
      const large = 'x'.repeat(1024 * 1024);
      const answer = await ask(JSON.stringify(message('msg_1', new Date(), large)));
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({
        origin: 'verified',
        reason: 'signed',
        keyid: 'secret-1',
        isRepeat: false,
      });
      const larger = {
        ...message('msg_2', new Date()),
        body: Buffer.from(`${large}yyyy`).toString('base64'),
      };
      expect((await ask(JSON.stringify(larger))).status).toBe(400);
      expect(
        (await ask(JSON.stringify({ ...message('m', new Date()), body: 'x'.repeat(5e6) }))).status,
      ).toBe(413);
      expect((await ask('{}', null)).status).toBe(401);
      for (const change of [
        { url: '/hooks' },
        { method: 'A B' },
        { body: '###' },
        { headers: { 'a b': '' } },
        { headers: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`h${n}`, ''])) },
        { receivedAt: 'now' },
        { more: 1 },
      ])
        expect((await ask(JSON.stringify({ ...message('m', new Date()), ...change }))).status).toBe(
          400,
        );
    } finally {
      await gateway.close();
    }
  });
});
