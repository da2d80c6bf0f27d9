import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeKey, postEnrolment } from '../support/enrolment';
import {
  ask,
  countEnrolments,
  type EnrolmentWorld,
  freshAddress,
  openEnrolmentWorld,
  refusals,
} from '../support/enrolment-world';
import { registerReporter } from '../support/gateway';

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

describe('the bounds', () => {
  // If this fails, strangers fill the list that people decide on.
  test('of 21 at once from as many addresses on two gateways, 20 wait', async () => {
    const answers = await Promise.all(
      Array.from({ length: 21 }, (_, index) =>
        ask(world, { gateway: index % 2 === 0 ? one : other }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(
      statuses.filter((status) => status === 202),
      JSON.stringify(answers),
    ).toHaveLength(20);
    const refused = answers.find(({ status }) => status !== 202);
    expect(refused).toMatchObject({ status: 429, body: { reason: 'too_many_open' } });
    expect(Number(refused?.retryAfter)).toBeGreaterThan(0);
    expect(await countEnrolments(world)).toBe(20);
  });

  test.each(['192.0.2.77', '2001:db8:1:2::'])(
    'of 6 at once from %s on two gateways, 5 wait for this hour',
    async (address) => {
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          ask(world, {
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
        [world.person],
      );
      const from = address.includes(':') ? `${address}77` : address;
      expect((await ask(world, { from })).status).toBe(429);
      await owner.query(
        `UPDATE enrolment SET asked_at = asked_at - interval '61 minutes', expires_at = expires_at - interval '61 minutes'`,
      );
      expect((await ask(world, { from })).status).toBe(202);
    },
  );

  test('hold for one key once while it waits, also at once', async () => {
    const key = await makeKey();
    const answers = await Promise.all([one, other].map((gateway) => ask(world, { key, gateway })));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    const taken = answers.find(({ status }) => status === 202);
    const again = answers.find(({ status }) => status === 409);
    expect(again?.body.reason).toBe('key_asks_already');
    expect(String(again?.body.title)).toContain(String(taken?.body.id));
    // What died is not in the way, whether or not the worker noted it.
    await owner.query(
      `UPDATE enrolment SET asked_at = asked_at - interval '25 hours', expires_at = expires_at - interval '25 hours'`,
    );
    expect((await ask(world, { key })).status).toBe(202);
  });

  test('of requests from one address let neighbours be, and the gateway live', async () => {
    const from = freshAddress();
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => postEnrolment(one.url, '{}', { from })),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(5);
    for (const { retryAfter } of refused) expect(Number(retryAfter)).toBeGreaterThan(0);
    expect((await ask(world)).status).toBe(202);
  });

  test('of refusals leave a bounded number of entries, with how many there were besides', async () => {
    const from = freshAddress();
    const before = (await refusals(world)).length;
    for (let times = 0; times < 6; times += 1)
      await ask(world, { from, claims: { code: 'slp_ec_wrong' } });
    expect((await refusals(world)).length).toBe(before + 1);
  });
});

describe('a name', () => {
  test.each(['billing-robot', 'bi11ing-robot', 'BILLING-ROBOT', 'billing_r0bot', 'biIIing.robot'])(
    'such as %s that looks like that of an identity is refused',
    async (name) => {
      await registerReporter(owner, { name: 'billing-robot' }).catch(() => undefined);
      const { status, body } = await ask(world, { claims: { name } });
      expect(status).toBe(409);
      expect(body.reason).toBe('name_taken');
    },
  );

  test('that looks like a further name of an identity, or is one as a further name, is refused', async () => {
    const { id } = await registerReporter(owner, { name: 'ledger' });
    await owner.query(`UPDATE identity SET names = '{рауmеntѕ}' WHERE id = $1`, [id]);
    expect((await ask(world, { claims: { name: 'payrnents' } })).body.reason).toBe('name_taken');
    expect((await ask(world, { claims: { names: ['1edger'] } })).body.reason).toBe('name_taken');
  });

  test('that looks like that of one that waits is refused, also at once', async () => {
    const answers = await Promise.all([
      ask(world, { gateway: one, claims: { name: 'modem' } }),
      ask(world, { gateway: other, claims: { name: 'modern' } }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
  });

  // If this fails, strangers learn which agents there are.
  test('is told to be taken to those alone who may ask', async () => {
    await registerReporter(owner, { name: 'secret-project' });
    const { body } = await ask(world, { claims: { name: 'secret-project', code: undefined } });
    expect(body.reason).toBe('not_invited');
    expect(JSON.stringify(body)).not.toContain('secret-project');
  });
});
