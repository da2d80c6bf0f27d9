import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '@/lib/core/ids';
import { createPool } from '@/lib/db/pool';
import {
  addCode,
  makeKey,
  postEnrolment,
  signRequest,
  switchEnrolment,
} from '../support/enrolment';
import {
  ask,
  audience,
  type Change,
  countEnrolments,
  type EnrolmentWorld,
  freshAddress,
  freshName,
  openEnrolmentWorld,
  refusals,
} from '../support/enrolment-world';
import { listControl } from '../support/organisation';

let world: EnrolmentWorld;
let owner: EnrolmentWorld['owner'];
let one: EnrolmentWorld['one'];
let other: EnrolmentWorld['other'];

beforeAll(async () => {
  world = await openEnrolmentWorld();
  ({ owner, one, other } = world);
});
afterAll(() => world.close());
beforeEach(() => world.begin());

describe('a workload that asks', () => {
  test.each(['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256'])(
    'by a key for %s waits for a person, is issued nothing and is on record',
    async (alg) => {
      const key = await makeKey(alg);
      const from = freshAddress();
      const name = freshName();
      const { status, body } = await ask(world, { key, from, claims: { name, names: ['svc'] } });
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
      expect(JSON.stringify(entry)).not.toContain(world.code());
      const { rows } = await owner.query(
        'SELECT count(*)::int AS n FROM identity WHERE name = $1',
        [name],
      );
      expect(rows).toEqual([{ n: 0 }]);
    },
  );

  test('is told by either gateway what became of it, and nobody else is told anything', async () => {
    const { body } = await ask(world);
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
    const { status, body } = await ask(world);
    expect(status).toBe(403);
    expect(body).toMatchObject({
      reason: 'off',
      title: expect.stringContaining('switch enrolment'),
    });
    expect(await refusals(world)).toContain('off');
    expect(await countEnrolments(world)).toBe(0);
  });

  // If this fails, whoever stops the console or writes as the gateway lets strangers in.
  test('is refused by the database itself while enrolment is off', async () => {
    await switchEnrolment(owner, false);
    const login = createPool(world.database.gatewayUrl, { applicationName: 'tests', max: 1 });
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
    const request = await signRequest(key, audience, {
      claims: { code: world.code(), name: freshName() },
    });
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
      [world.person],
    );
    expect((await postEnrolment(other.url, { request }, { from })).body.reason).toBe('replayed');
  });

  test('by a foreign key is none', async () => {
    const [mine, theirs] = [await makeKey(), await makeKey()];
    const { status, body } = await ask(world, { key: { ...mine, jwk: theirs.jwk } });
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
    ['made 90 s ago', { iat: Math.floor(Date.now() / 1000) - 90 }, 'stale'],
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
    const { status, body } = await ask(world, change);
    expect(body.reason, JSON.stringify(body)).toBe(reason);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(await countEnrolments(world)).toBe(0);
  });

  test('with a private or a symmetric key in it, and one by none, is refused', async () => {
    const key = await makeKey();
    const isPrivate = await ask(world, { key, header: { jwk: { ...key.jwk, d: 'AAAA' } } });
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
      () =>
        addCode(owner, {
          person: world.person,
          ...world.places,
          expiresAt: new Date(Date.now() - 1000),
        }),
      'code_ended',
    ],
    [
      'revoked',
      () => addCode(owner, { person: world.person, ...world.places, revoked: true }),
      'code_ended',
    ],
  ])('%s lets nobody ask', async (_what, made, reason) => {
    const { status, body } = await ask(world, { claims: { code: await made() } });
    expect(status).toBe(403);
    expect(body.reason).toBe(reason);
    expect(await refusals(world)).toContain(reason);
  });

  test('that is good for one is used up by one of two that come at once', async () => {
    const last = await addCode(owner, { person: world.person, ...world.places, uses: 1 });
    const answers = await Promise.all(
      [one, other].map((gateway) =>
        ask(world, { gateway, claims: { code: last, name: freshName() } }),
      ),
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
      [network, world.places.team, world.places.zone, world.person],
    );
    expect((await ask(world, { from: '203.0.113.7', claims: { code: undefined } })).status).toBe(
      202,
    );
    const { rows } = await owner.query('SELECT network, team_id, zone_id FROM enrolment');
    expect(rows).toEqual([
      { network: 'Build farm', team_id: world.places.team, zone_id: world.places.zone },
    ]);
    expect((await ask(world, { from: '203.0.113.200', claims: { code: undefined } })).status).toBe(
      403,
    );
    // What the proxy did not write is not believed.
    const forged = await ask(world, {
      from: '203.0.113.7, 192.0.2.9',
      claims: { code: undefined },
    });
    expect(forged.status).toBe(403);
    // A proxy that does not say for whom it asks speaks for everybody behind it.
    await owner.query(`UPDATE network SET cidrs = '{127.0.0.0/8}' WHERE id = $1`, [network]);
    const silent = await signRequest(await makeKey(), audience, { claims: { name: 'silent' } });
    const unsaid = await postEnrolment(one.url, { request: silent });
    expect(unsaid.body.reason).toBe('not_invited');
  });
});
