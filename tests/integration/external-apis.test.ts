import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setExternalApi } from '@/lib/identities/external/mutations';
import type { SetExternalApi } from '@/lib/identities/external/schema';
import { type Externals, openExternals } from '../support/external';
import { listControl } from '../support/organisation';
import { actorOf, scopeOf } from '../support/people';

let at: Externals;
let id = '';
beforeAll(async () => {
  at = await openExternals();
});
beforeEach(async () => {
  id = await at.add();
});
afterAll(() => at.close());
const found = () => at.found(id);
const set = (change: Partial<SetExternalApi> = {}) => at.set(id, change);

describe('registering an external API', () => {
  const pin = Buffer.alloc(32, 7).toString('base64');
  test('keeps hosts folded, and tells of it without a secret', async () => {
    await set({
      hosts: ['API.Example.com.', '*.CDN.example.com', 'api.example.com'],
      pins: [`sha256/${pin}`, pin],
      verifier: { kind: 'standard_webhooks' },
      secrets: [`whsec_${Buffer.alloc(32, 1).toString('base64')}`],
    });
    expect(await found()).toMatchObject({
      hosts: ['*.cdn.example.com', 'api.example.com'],
      pins: [pin],
      hasSecrets: true,
    });
    const [entry] = (await listControl(at.owner, ['external_api_set'])).slice(-1);
    expect(entry?.facts).toMatchObject({
      identity: id,
      before: null,
      after: { hosts: ['*.cdn.example.com', 'api.example.com'], verifier: 'standard_webhooks' },
      is_secret_new: true,
      reason: 'A test',
    });
    expect(JSON.stringify(entry)).not.toContain('whsec_');
    const { rows } = await at.owner.query<{ text: string }>(
      'SELECT a::text AS text FROM external_api a WHERE identity_id = $1',
      [id],
    );
    expect(rows[0]?.text).not.toContain(Buffer.alloc(24, 1).toString('base64').slice(0, 20));
  });

  test.each<[string, Partial<SetExternalApi>, string]>([
    ['no host', { hosts: [] }, 'one host at least'],
    ['an address', { hosts: ['10.0.0.1'] }, 'is no host name'],
    ['a network', { hosts: ['10.0.0.0/8'] }, 'is no host name'],
    ['two wildcards', { hosts: ['*.*.example.com'] }, 'is no host name'],
    ['all there is', { hosts: ['*.com'] }, 'is no host name'],
    [
      '51 hosts',
      { hosts: Array.from({ length: 51 }, (_, at) => `h${at}.example.com`) },
      '50 hosts',
    ],
    ['a pin of another length', { pins: ['AAAA'] }, 'A pin is the SHA-256'],
    ['a private key as authority', { authority: '-----BEGIN PRIVATE KEY-----' }, 'private key'],
    ['nothing as authority', { authority: 'CA' }, 'in PEM'],
    [
      'an authority that is not there',
      { anchorId: '01890000-0000-7000-8000-000000000000' },
      'no such authority',
    ],
    ['webhooks without secret or key', { verifier: { kind: 'standard_webhooks' } }, 'give one'],
    [
      'a short secret',
      { verifier: { kind: 'standard_webhooks' }, secrets: ['whsec_AAAA'] },
      'begins with whsec_',
    ],
    [
      'a key of another kind than its algorithm',
      {
        verifier: {
          kind: 'message_signatures',
          keys: [
            {
              keyid: 'k',
              algorithm: 'ed25519',
              publicKey: generateKeyPairSync('ec', { namedCurve: 'P-256' })
                .publicKey.export({ type: 'spki', format: 'pem' })
                .toString(),
            },
          ],
          components: ['@method'],
        },
      },
      'needs an Ed25519 key',
    ],
    [
      'an RSA key of 1,024 bits',
      {
        verifier: {
          kind: 'message_signatures',
          keys: [
            {
              keyid: 'k',
              algorithm: 'rsa-pss-sha512',
              publicKey: generateKeyPairSync('rsa', { modulusLength: 1024 })
                .publicKey.export({ type: 'spki', format: 'pem' })
                .toString(),
            },
          ],
          components: ['@method'],
        },
      },
      '2048 bits',
    ],
    [
      'a private key to verify with',
      {
        verifier: {
          kind: 'message_signatures',
          keys: [
            {
              keyid: 'k',
              algorithm: 'ed25519',
              publicKey: generateKeyPairSync('ed25519')
                .privateKey.export({ type: 'pkcs8', format: 'pem' })
                .toString(),
            },
          ],
          components: ['@method'],
        },
      },
      'that is a private key',
    ],
    [
      'nothing that must be signed',
      { verifier: { kind: 'message_signatures', keys: [], components: [] } },
      'one component at least',
    ],
  ])('refuses %s', async (_what, change, sentence) => {
    await expect(set(change)).rejects.toThrow(sentence);
    expect(await found()).toBeNull();
  });

  test('refuses what is no external API, what somebody else changed, and whoever may not', async () => {
    await at.owner.query(`UPDATE identity SET kind = 'agent' WHERE id = $1`, [id]);
    await expect(set()).rejects.toThrow('no such external API');
    await at.owner.query(`UPDATE identity SET kind = 'external_api' WHERE id = $1`, [id]);
    await set();
    await expect(set({ seenAt: null })).rejects.toThrow('Somebody else');
    await expect(set({ seenAt: new Date(0).toISOString() })).rejects.toThrow('Somebody else');
    const input = { identityId: id, hosts: ['a.example'], seenAt: null, reason: 'A test' };
    for (const actor of [actorOf({ roles: ['analyst'] }), actorOf({}, { isFresh: false })])
      await expect(setExternalApi({ ...at.ctx(), actor }, input)).rejects.toMatchObject({
        code: expect.stringMatching(/forbidden|factor_needed/),
      });
    await expect(
      setExternalApi(
        { ...at.ctx(), actor: actorOf({ reach: 'teams' }), scope: scopeOf({ reach: 'teams' }) },
        input,
      ),
    ).rejects.toThrow('no such external API');
  });
});
