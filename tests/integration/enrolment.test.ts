import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '@/lib/core/ids';
import { createPool, type Pool } from '@/lib/db/pool';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  addCode,
  addPlaces,
  makeKey,
  postEnrolment,
  signRequest,
  switchEnrolment,
  type WorkloadKey,
} from '../support/enrolment';
import { registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { listControl, setUpOrganisation } from '../support/organisation';

/** What the gateways are called; this machine is a proxy that they believe, so that tests come from many addresses. */
const audience = 'https://gateway.example.org';
const environment = { GATEWAY_URL: audience, TRUSTED_PROXIES: '127.0.0.1' };

let database: TestDatabase;
let owner: Pool;
let one: TestGateway;
let other: TestGateway;
let person: string;
let places: { team: string; zone: string };
let code: string;
let addresses = 0;

/** One that nobody came from before. */
const freshAddress = () => {
  addresses += 1;
  return `198.51.${100 + Math.floor(addresses / 250)}.${addresses % 250}`;
};

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPool(database.migratorUrl, { applicationName: 'tests', max: 4 });
  person = await setUpOrganisation(owner);
  places = await addPlaces(owner);
  [one, other] = await Promise.all([
    startGateway(database, environment),
    startGateway(database, environment),
  ]);
});
afterAll(async () => {
  await Promise.all([one.close(), other.close()]);
  await owner.end();
  await database.drop();
});
beforeEach(async () => {
  await owner.query('DELETE FROM enrolment');
  await owner.query('DELETE FROM enrolment_network');
  await switchEnrolment(owner, true);
  code = await addCode(owner, { person, ...places });
});

let names = 0;
const freshName = () => {
  names += 1;
  return `w-${[...`${names}`].map((digit) => 'abcdefghkp'[Number(digit)]).join('')}-x`;
};

type Change = { claims?: Record<string, unknown>; header?: Record<string, unknown>; iat?: number };
/** Asks by a code, well made but for what is said otherwise. */
async function ask(
  change: Change & { key?: WorkloadKey; from?: string; gateway?: TestGateway; aud?: string } = {},
) {
  const { gateway = one, from = freshAddress(), aud = audience, ...rest } = change;
  const key = rest.key ?? (await makeKey());
  const claims = { code, name: freshName(), ...rest.claims };
  const request = await signRequest(key, aud, { ...rest, claims });
  return postEnrolment(gateway.url, { request }, { from });
}
const refusals = async () =>
  (await listControl(owner, ['enrolment_refused'])).map(({ facts }) => facts.reason);
const count = async () =>
  Number((await owner.query('SELECT count(*) FROM enrolment')).rows[0]?.count);

describe('a workload that asks', () => {
  test.each(['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256'])(
    'by a key for %s waits for a person, is issued nothing and is on record',
    async (alg) => {
      const key = await makeKey(alg);
      const from = freshAddress();
      const name = freshName();
      const { status, body } = await ask({ key, from, claims: { name, names: ['svc'] } });
      expect(status, JSON.stringify(body)).toBe(202);
      expect(body).toMatchObject({ state: 'pending', thumbprint: key.thumbprint });
      expect(String(body.thumbprintGroups).replaceAll(' ', '')).toBe(key.thumbprint);
      expect(body.status).toBe(`${audience}/v1/enrolments/${body.id}`);
      const entry = (await listControl(owner, ['enrolment_asked'])).at(-1);
      expect(entry?.facts).toMatchObject({
        address: from,
        enrolment: body.id,
        name,
        thumbprint: key.thumbprint,
      });
      expect(JSON.stringify(entry)).not.toContain(code);
      const { rows } = await owner.query(
        'SELECT count(*)::int AS n FROM identity WHERE name = $1',
        [name],
      );
      expect(rows).toEqual([{ n: 0 }]);
    },
  );

  test('is told by either gateway what became of it, and nobody else is told anything', async () => {
    const { body } = await ask();
    const look = async (id: unknown) => {
      const answer = await fetch(`${other.url}/v1/enrolments/${id}`);
      return { status: answer.status, body: await answer.json() };
    };
    expect(await look(body.id)).toMatchObject({ status: 200, body: { state: 'pending' } });
    expect((await look(newId())).status).toBe(404);
    expect((await look('../healthz')).status).toBe(404);
    await owner.query(
      `UPDATE enrolment SET asked_at = asked_at - interval '25 hours', expires_at = expires_at - interval '25 hours'`,
    );
    expect(await look(body.id)).toMatchObject({ status: 200, body: { state: 'expired' } });
  });

  test('is refused while enrolment is off, which is said and on record', async () => {
    await switchEnrolment(owner, false);
    const { status, body } = await ask();
    expect(status).toBe(403);
    expect(body).toMatchObject({
      reason: 'off',
      title: expect.stringContaining('switch enrolment'),
    });
    expect(await refusals()).toContain('off');
    expect(await count()).toBe(0);
  });

  // If this fails, whoever stops the console or writes as the gateway lets strangers in.
  test('is refused by the database itself while enrolment is off', async () => {
    await switchEnrolment(owner, false);
    const login = createPool(database.gatewayUrl, { applicationName: 'tests', max: 1 });
    await expect(
      login.query(
        `INSERT INTO enrolment (id, kind, name, names, skeletons, jwk, thumbprint, jti, address, source, asked_at, expires_at)
         VALUES (gen_random_uuid(), 'agent', 'x', '{}', '{x}', '{}', repeat('x', 43), 'x', 'x', 'x', now(), now() + interval '1 hour')`,
      ),
    ).rejects.toThrow('no more may ask');
    for (const statement of [
      `UPDATE enrolment SET state = 'accepted'`,
      'DELETE FROM enrolment',
      'UPDATE setting SET enrolment = true',
      'INSERT INTO enrolment_network SELECT * FROM enrolment_network',
      'UPDATE enrolment_code SET expires_at = now()',
    ])
      await expect(login.query(statement), statement).rejects.toMatchObject({ code: '42501' });
    await login.end();
  });
});

describe('the proof', () => {
  test('is taken once, by whichever gateway', async () => {
    const key = await makeKey();
    const request = await signRequest(key, audience, { claims: { code, name: freshName() } });
    const from = freshAddress();
    expect((await postEnrolment(one.url, { request }, { from })).status).toBe(202);
    expect(
      (await postEnrolment(other.url, { request }, { from: freshAddress() })).body,
    ).toMatchObject({
      status: 401,
      reason: 'replayed',
    });
    await owner.query(
      `UPDATE enrolment SET state = 'refused', ended_at = now(), ended_by = $1, reason = 'no'`,
      [person],
    );
    expect((await postEnrolment(other.url, { request }, { from })).body.reason).toBe('replayed');
  });

  test('by a foreign key is none', async () => {
    const [mine, theirs] = [await makeKey(), await makeKey()];
    const { status, body } = await ask({ key: { ...mine, jwk: theirs.jwk } });
    expect(status).toBe(401);
    expect(body.reason).toBe('invalid_proof');
    expect(String(body.title)).toContain('private key of its jwk');
  });

  test.each<[string, Change & { aud?: string }, string]>([
    ['for another gateway', { aud: 'https://elsewhere.example.org' }, 'wrong_audience'],
    [
      'for two gateways',
      { claims: { aud: [audience, 'https://b.example.org'] } },
      'wrong_audience',
    ],
    ['for nobody', { claims: { aud: undefined } }, 'wrong_audience'],
    ['made 61 s ago', { iat: Math.floor(Date.now() / 1000) - 90 }, 'stale'],
    ['made in the future', { iat: Math.floor(Date.now() / 1000) + 120 }, 'stale'],
    ['without jti', { claims: { jti: undefined } }, 'malformed'],
    ['of another typ', { header: { typ: 'JWT' } }, 'invalid_proof'],
    ['without a key', { header: { jwk: undefined } }, 'invalid_proof'],
    ['with a kid alone', { header: { jwk: undefined, kid: 'x' } }, 'invalid_proof'],
    ['for a kind that does not enrol', { claims: { kind: 'external_api' } }, 'malformed'],
    ['without a name', { claims: { name: undefined } }, 'malformed'],
    ['with a name that hides something', { claims: { name: 'bill\u200bing' } }, 'malformed'],
    ['with a name that commands', { claims: { names: ['a\u001b[2J'] } }, 'malformed'],
    ['with a further name of two scripts', { claims: { names: ['billing-bоt'] } }, 'malformed'],
    ['with 11 further names', { claims: { names: Array(11).fill('a') } }, 'malformed'],
    ['with a purpose of two lines', { claims: { purpose: 'a\nb' } }, 'malformed'],
  ])('%s is refused: %#', async (_what, change, reason) => {
    const { status, body } = await ask(change);
    expect(body.reason, JSON.stringify(body)).toBe(reason);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(await count()).toBe(0);
  });

  test('with a private or a symmetric key in it, and one by none, is refused', async () => {
    const key = await makeKey();
    const isPrivate = await ask({ key, header: { jwk: { ...key.jwk, d: 'AAAA' } } });
    expect(isPrivate.body).toMatchObject({ reason: 'invalid_proof' });
    expect(String(isPrivate.body.title)).toContain('private key');
    const [, payload = '', signature = ''] = (await signRequest(key, audience)).split('.');
    for (const alg of ['none', 'HS256']) {
      const header = Buffer.from(
        JSON.stringify({ alg, typ: 'sallyport-enrolment+jwt', jwk: key.jwk }),
      ).toString('base64url');
      const answer = await postEnrolment(
        one.url,
        { request: `${header}.${payload}.${signature}` },
        { from: freshAddress() },
      );
      expect(answer.body.reason).toBe('invalid_proof');
    }
  });

  test.each<[string, string, string | undefined, number]>([
    ['nothing', '', undefined, 400],
    ['no JSON', '{', undefined, 400],
    ['a list', '[]', undefined, 400],
    ['another member', '{"jws":"a.b.c"}', undefined, 400],
    ['no JWS', '{"request":"a.b"}', undefined, 400],
    ['parts that are none', '{"request":"a.b.c"}', undefined, 400],
    ['a poisoned object', '{"__proto__":{"request":"a.b.c"}}', undefined, 400],
    ['another type', 'request=a.b.c', 'application/x-www-form-urlencoded', 400],
    ['over 16 kB', JSON.stringify({ request: 'a'.repeat(16_385) }), undefined, 413],
  ])('that is %s is refused with a sentence', async (_what, body, type, status) => {
    const answer = await postEnrolment(one.url, body, {
      from: freshAddress(),
      ...(type === undefined ? {} : { type }),
    });
    expect(answer.status).toBe(status);
    expect(String(answer.body.title).length).toBeGreaterThan(20);
    expect((await fetch(`${one.url}/healthz`)).status).toBe(200);
  });
});

describe('the code', () => {
  test.each<[string, () => Promise<string | undefined>, string]>([
    ['left out', async () => undefined, 'not_invited'],
    ['unknown', async () => 'slp_ec_unknown', 'code_unknown'],
    [
      'expired',
      () => addCode(owner, { person, ...places, expiresAt: new Date(Date.now() - 1000) }),
      'code_ended',
    ],
    ['revoked', () => addCode(owner, { person, ...places, revoked: true }), 'code_ended'],
  ])('%s lets nobody ask', async (_what, made, reason) => {
    const { status, body } = await ask({ claims: { code: await made() } });
    expect(status).toBe(403);
    expect(body.reason).toBe(reason);
    expect(await refusals()).toContain(reason);
  });

  test('that is good for one is used up by one of two that come at once', async () => {
    const last = await addCode(owner, { person, ...places, uses: 1 });
    const answers = await Promise.all(
      [one, other].map((gateway) => ask({ gateway, claims: { code: last, name: freshName() } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 403]);
    expect(answers.find(({ status }) => status === 403)?.body.reason).toBe('code_used_up');
  });

  test('is not needed from a listed network, which says team and zone; from its neighbour it is', async () => {
    const network = newId();
    await owner.query(
      `INSERT INTO network (id, name, cidrs, changed_at) VALUES ($1, 'Build farm', '{203.0.113.0/25}', now())`,
      [network],
    );
    await owner.query(
      'INSERT INTO enrolment_network (network_id, team_id, zone_id, added_by, created_at) VALUES ($1, $2, $3, $4, now())',
      [network, places.team, places.zone, person],
    );
    expect((await ask({ from: '203.0.113.7', claims: { code: undefined } })).status).toBe(202);
    const { rows } = await owner.query('SELECT network, team_id, zone_id FROM enrolment');
    expect(rows).toEqual([{ network: 'Build farm', team_id: places.team, zone_id: places.zone }]);
    expect((await ask({ from: '203.0.113.200', claims: { code: undefined } })).status).toBe(403);
    // What the proxy did not write is not believed.
    const forged = await ask({ from: '203.0.113.7, 192.0.2.9', claims: { code: undefined } });
    expect(forged.status).toBe(403);
  });
});

describe('the bounds', () => {
  // If this fails, strangers fill the list that people decide on.
  test('of 21 at once from as many addresses on two gateways, 20 wait', async () => {
    const answers = await Promise.all(
      Array.from({ length: 21 }, (_, index) => ask({ gateway: index % 2 === 0 ? one : other })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 202)).toHaveLength(20);
    const refused = answers.find(({ status }) => status !== 202);
    expect(refused).toMatchObject({ status: 429, body: { reason: 'too_many_open' } });
    expect(Number(refused?.retryAfter)).toBeGreaterThan(0);
    expect(await count()).toBe(20);
  });

  test.each(['192.0.2.77', '2001:db8:1:2::'])(
    'of 6 at once from %s on two gateways, 5 wait for this hour',
    async (address) => {
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          ask({
            gateway: index % 2 === 0 ? one : other,
            // Whoever has one address of IPv6 has its whole network.
            from: address.includes(':') ? `${address}${index}` : address,
          }),
        ),
      );
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 202)).toHaveLength(5);
      const refused = answers.find(({ status }) => status !== 202);
      expect(refused).toMatchObject({ status: 429, body: { reason: 'too_many_from_address' } });
      expect(Number(refused?.retryAfter)).toBeGreaterThan(3000);
      await owner.query(
        `UPDATE enrolment SET state = 'refused', ended_at = now(), ended_by = $1, reason = 'no'`,
        [person],
      );
      const from = address.includes(':') ? `${address}77` : address;
      expect((await ask({ from })).status).toBe(429);
      await owner.query(
        `UPDATE enrolment SET asked_at = asked_at - interval '61 minutes', expires_at = expires_at - interval '61 minutes'`,
      );
      expect((await ask({ from })).status).toBe(202);
    },
  );

  test('hold for one key once while it waits, also at once', async () => {
    const key = await makeKey();
    const answers = await Promise.all([one, other].map((gateway) => ask({ key, gateway })));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    const taken = answers.find(({ status }) => status === 202);
    const again = answers.find(({ status }) => status === 409);
    expect(again?.body.reason).toBe('key_asks_already');
    expect(String(again?.body.title)).toContain(String(taken?.body.id));
    // What died is not in the way, whether or not the worker noted it.
    await owner.query(
      `UPDATE enrolment SET asked_at = asked_at - interval '25 hours', expires_at = expires_at - interval '25 hours'`,
    );
    expect((await ask({ key })).status).toBe(202);
  });

  test('of refusals leave a bounded number of entries, with how many there were besides', async () => {
    const from = freshAddress();
    const before = (await refusals()).length;
    for (let times = 0; times < 6; times += 1)
      await ask({ from, claims: { code: 'slp_ec_wrong' } });
    expect((await refusals()).length).toBe(before + 1);
  });
});

describe('a name', () => {
  test.each(['billing-robot', 'bi11ing-robot', 'BILLING-ROBOT', 'billing_r0bot', 'biIIing.robot'])(
    'such as %s that looks like that of an identity is refused',
    async (name) => {
      await registerReporter(owner, { name: 'billing-robot' }).catch(() => undefined);
      const { status, body } = await ask({ claims: { name } });
      expect(status).toBe(409);
      expect(body.reason).toBe('name_taken');
    },
  );

  test('that looks like a further name of an identity, or is one as a further name, is refused', async () => {
    const { id } = await registerReporter(owner, { name: 'ledger' });
    await owner.query(`UPDATE identity SET names = '{рауmеntѕ}' WHERE id = $1`, [id]);
    expect((await ask({ claims: { name: 'payrnents' } })).body.reason).toBe('name_taken');
    expect((await ask({ claims: { names: ['1edger'] } })).body.reason).toBe('name_taken');
  });

  test('that looks like that of one that waits is refused, also at once', async () => {
    const answers = await Promise.all([
      ask({ gateway: one, claims: { name: 'modem' } }),
      ask({ gateway: other, claims: { name: 'modern' } }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
  });

  // If this fails, strangers learn which agents there are.
  test('is told to be taken to those alone who may ask', async () => {
    await registerReporter(owner, { name: 'secret-project' });
    const { body } = await ask({ claims: { name: 'secret-project', code: undefined } });
    expect(body.reason).toBe('not_invited');
    expect(JSON.stringify(body)).not.toContain('secret-project');
  });
});
