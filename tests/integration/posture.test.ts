import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import type { CredentialKind } from '@/lib/identities/credentials/schema';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { attestPosture } from '@/lib/identities/posture/attest';
import {
  removeAttester,
  removePostureType,
  setAttester,
  setPostureType,
} from '@/lib/identities/posture/mutations';
import {
  getPosture,
  listAttesters,
  listPostureLines,
  listPostureTypes,
} from '@/lib/identities/posture/queries';
import type { SetAttester } from '@/lib/identities/posture/schema';
import type { Caller } from '@/lib/identities/proofs/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { registerReporter } from '../support/gateway';
import { listControl, setUpOrganisation } from '../support/organisation';
import { actorOf, scopeOf } from '../support/people';

let database: TestDatabase;
let db: PrismaClient;
let asGateway: PrismaClient;
let owner: Pool;
let ctx: RegistryCtx;
let agent: string;
let scanner: string;
let seq = 0;
const reason = 'A test';
const start = Date.parse('2026-11-30T08:00:00Z');
/** Each test has an hour of its own, so that none meets what another said. */
let now = new Date(start);
const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000);

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  asGateway = createPrisma(database.gatewayUrl, { applicationName: 'tests', max: 4 });
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  await setUpOrganisation(owner);
  ctx = { db, actor: actorOf(), scope: scopeOf(), now };
  scanner = (await registerReporter(owner, { name: 'scanner', kind: 'service' })).id;
  await letAttest({});
});
beforeEach(async () => {
  seq += 1;
  now = new Date(start + seq * 86_400_000);
  agent = (await registerReporter(owner, { name: `agent-${seq}` })).id;
});
afterAll(async () => {
  await Promise.all([db.$disconnect(), asGateway.$disconnect()]);
  await owner.end();
  await database.drop();
});

async function letAttest(change: Partial<SetAttester>, identityId = scanner) {
  const known = (await listAttesters(scopeOf(), owner)).find((one) => one.identity === identityId);
  await setAttester(ctx, {
    identityId,
    facts: ['disk_encrypted', 'critical_vulnerabilities', 'runtime_version', 'image_signed'],
    reach: 'all',
    seenAt: known?.changedAt.toISOString() ?? null,
    reason,
    ...change,
  });
}

const callerOf = (id: string, kind: CredentialKind = 'x509_svid', name = 'scanner'): Caller => ({
  identity: {
    id,
    name,
    kind: 'service',
    state: 'active',
    stateReason: null,
    trust: 'observed',
    team: null,
    zone: null,
    revision: 1,
    reporter: { id, names: new Set([name]), reportsFor: null },
  },
  proofs: [
    {
      id: 'c',
      identity: id,
      kind,
      hash: null,
      subject: null,
      anchor: null,
      issuer: null,
      network: null,
      rule: null,
      expiresAtMs: Number.POSITIVE_INFINITY,
      isRevoked: false,
    },
  ],
  address: '192.0.2.7',
});

const fact = (value: boolean | number | string, minutes = 0, valid?: number) => ({
  value,
  measured_at: at(minutes).toISOString(),
  ...(valid === undefined ? {} : { valid_for_minutes: valid }),
});
const attest = (facts: unknown, { caller = callerOf(scanner), when = now, of = agent } = {}) =>
  attestPosture({ db: asGateway, caller, now: when }, of, { facts });
const posture = async (when = now, of = agent) =>
  (await getPosture(scopeOf(), of, when, owner)).map(({ name, value }) => [name, value]);
const entries = async () =>
  (await listControl(owner, ['posture_attested'])).filter(({ facts }) => facts.identity === agent);

test('what an attester measured holds until it lapses, and not a moment longer', async () => {
  await attest({ disk_encrypted: fact(true, -10, 60), critical_vulnerabilities: fact(3) });
  expect(await posture()).toEqual([
    ['critical_vulnerabilities', 3],
    ['disk_encrypted', true],
  ]);
  expect(await posture(at(49))).toHaveLength(2);
  expect(await posture(at(50))).toEqual([['critical_vulnerabilities', 3]]);
  expect(await posture(at(24 * 60))).toEqual([]);
  const lines = await listPostureLines(scopeOf(), agent, at(50), owner);
  expect(lines).toMatchObject([
    { name: 'critical_vulnerabilities', now: { value: 3 }, attester: { name: 'scanner' } },
    { name: 'disk_encrypted', now: null, lapsedAt: at(50) },
  ]);
});

test('what changed is in the log at once, and what stayed once an hour', async () => {
  await attest({ disk_encrypted: fact(true) });
  for (const minute of [1, 20, 59])
    await attest({ disk_encrypted: fact(true, minute) }, { when: at(minute) });
  expect(await entries()).toHaveLength(1);
  await attest({ disk_encrypted: fact(true, 60) }, { when: at(60) });
  expect(await entries()).toHaveLength(2);
  await attest({ disk_encrypted: fact(false, 61), image_signed: fact(true, 61) }, { when: at(61) });
  expect((await entries()).at(-1)?.facts).toEqual({
    by: `identity:${scanner}`,
    address: '192.0.2.7',
    identity: agent,
    before: { disk_encrypted: true, image_signed: null },
    after: { disk_encrypted: false, image_signed: true },
    measured_at: { disk_encrypted: at(61).toISOString(), image_signed: at(61).toISOString() },
  });
});

test('a newer measurement wins, whoever made it, and an older one is refused with its time', async () => {
  const other = (await registerReporter(owner, { name: `other-${seq}`, kind: 'service' })).id;
  await letAttest({}, other);
  await attest({ disk_encrypted: fact(true, -5) });
  await attest({ disk_encrypted: fact(false, -2) }, { caller: callerOf(other) });
  await expect(
    attest({ disk_encrypted: fact(true, -3), critical_vulnerabilities: fact(0) }),
  ).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(at(-2).toISOString()),
  });
  // Nothing of what stood beside it was set down.
  expect(await posture()).toEqual([['disk_encrypted', false]]);
  // The same again, from whoever got no answer.
  await attest({ disk_encrypted: fact(false, -2) }, { caller: callerOf(other) });
  await expect(attest({ disk_encrypted: fact(true, -2) })).rejects.toThrow('not before this');
});

test('of many that attest at once the newest stays, and all are answered', async () => {
  const minutes = Array.from({ length: 12 }, (_, index) => -index);
  const results = await Promise.allSettled(
    minutes.map((minute) => attest({ critical_vulnerabilities: fact(-minute, minute) })),
  );
  expect(results[0]?.status).toBe('fulfilled');
  expect(await posture()).toEqual([['critical_vulnerabilities', 0]]);
});

describe('refuses', () => {
  const wrong: [string, unknown, string][] = [
    ['a fact that nobody registered', { shiny: fact(true) }, 'shiny: no such fact is registered'],
    ['a fact it may not say', { patched: fact(true) }, 'patched: this attester may not say it'],
    ['text for true or false', { disk_encrypted: fact('true') }, 'it is true or false'],
    ['a fraction for a whole number', { critical_vulnerabilities: fact(1.5) }, 'a whole number'],
    [
      'a number that is not exact',
      { critical_vulnerabilities: fact(Number.MAX_SAFE_INTEGER + 1) },
      'a whole number',
    ],
    ['text that is too long', { runtime_version: fact('v'.repeat(201)) }, '200 characters'],
    [
      'text with a character nobody sees',
      { runtime_version: fact('1.0\u202e') },
      'one line of text',
    ],
    [
      'a fact without a value',
      { disk_encrypted: { measured_at: '2026-11-30T08:00:00Z' } },
      'value',
    ],
    [
      'a list as a value',
      { disk_encrypted: { ...fact(true), value: [true] } },
      'The value is true',
    ],
    ['more about a fact', { disk_encrypted: { ...fact(true), until: '2099' } }, 'A fact is {'],
    ['a time that is none', { disk_encrypted: { value: true, measured_at: 'now' } }, 'measured_at'],
    ['a validity of none', { disk_encrypted: fact(true, 0, 0) }, 'one at least'],
    ['none at all', {}, 'Say one fact'],
    ['no object', ['disk_encrypted'], 'facts is an object'],
    [
      'too many',
      Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`f${index}`, fact(true)])),
      '50 facts',
    ],
    ['a name of a thousand letters', { ['a'.repeat(1000)]: fact(true) }, 'no such fact'],
  ];
  test.each(wrong)('%s', async (_what, facts, sentence) => {
    await expect(attest(facts)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(sentence),
    });
    expect(await posture()).toEqual([]);
    expect(await entries()).toEqual([]);
  });

  test('what was measured in the future, and takes what a clock ahead measured', async () => {
    await attest({ disk_encrypted: fact(true, 0.9) });
    await expect(attest({ image_signed: fact(true, 1.1) })).rejects.toThrow('in the future');
  });

  test('what was measured longer ago than it holds, and a validity beyond the longest', async () => {
    await expect(attest({ disk_encrypted: fact(true, -10, 10) })).rejects.toThrow('so long ago');
    await expect(attest({ critical_vulnerabilities: fact(0, 0, 1441) })).rejects.toThrow(
      'for 1440 minutes at most',
    );
  });

  test('all, with a sentence for each that is wrong', async () => {
    const refusal = attest({
      disk_encrypted: fact(true),
      image_signed: fact('yes'),
      patched: fact(true),
      critical_vulnerabilities: fact(0, 5),
    });
    await expect(refusal).rejects.toThrow(/image_signed: .*patched: .*critical_vulnerabilities: /);
    expect(await posture()).toEqual([]);
  });

  test.each(['ingest_key', 'client_secret'] as const)('a proof by %s', async (kind) => {
    await expect(
      attest({ disk_encrypted: fact(true) }, { caller: callerOf(scanner, kind) }),
    ).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('a secret that somebody copied'),
    });
  });

  test('whoever attests themselves', async () => {
    await expect(attest({ disk_encrypted: fact(true) }, { of: scanner })).rejects.toThrow(
      'Nobody attests themselves',
    );
  });

  test('whoever is no attester, and one that was suspended since its proof was taken', async () => {
    const { id } = await registerReporter(owner, { name: `service-${seq}`, kind: 'service' });
    const caller = callerOf(id);
    await expect(attest({ disk_encrypted: fact(true) }, { caller })).rejects.toThrow('no attester');
    await letAttest({}, id);
    await attest({ disk_encrypted: fact(true) }, { caller });
    await owner.query(`UPDATE identity SET state = 'suspended' WHERE id = $1`, [id]);
    await expect(attest({ disk_encrypted: fact(true) }, { caller })).rejects.toThrow('suspended');
  });

  test('an identity beyond its reach, in the words for one that is not there', async () => {
    const { id } = await registerReporter(owner, { name: `near-${seq}`, kind: 'service' });
    await letAttest({ reach: 'identities', identities: [`agent-${seq}`] }, id);
    const caller = callerOf(id);
    await attest({ disk_encrypted: fact(true) }, { caller });
    const far = attest({ disk_encrypted: fact(true) }, { caller, of: scanner });
    const none = attest(
      { disk_encrypted: fact(true) },
      { caller, of: '01890000-0000-7000-8000-000000000000' },
    );
    await expect(far).rejects.toThrow('may attest no identity with this id');
    await expect(none).rejects.toThrow('may attest no identity with this id');
  });

  test('a team that its identity has left', async () => {
    const team = '00000000-0000-7000-8000-0000000000a1';
    await owner.query(
      `INSERT INTO team (id, name, created_at) VALUES ($1, 'Ops', now()) ON CONFLICT DO NOTHING`,
      [team],
    );
    await owner.query('UPDATE identity SET team_id = $1 WHERE id = $2', [team, agent]);
    const { id } = await registerReporter(owner, { name: `ops-${seq}`, kind: 'service' });
    await letAttest({ reach: 'team', teamId: team }, id);
    await attest({ disk_encrypted: fact(true) }, { caller: callerOf(id) });
    await owner.query('UPDATE identity SET team_id = NULL WHERE id = $1', [agent]);
    await expect(attest({ disk_encrypted: fact(true) }, { caller: callerOf(id) })).rejects.toThrow(
      'may attest no identity',
    );
  });
});

test('with an attester goes what it said, and no more than that', async () => {
  const { id } = await registerReporter(owner, { name: `gone-${seq}`, kind: 'service' });
  await letAttest({}, id);
  await attest({ disk_encrypted: fact(true) }, { caller: callerOf(id) });
  await attest({ image_signed: fact(true) });
  const known = (await listAttesters(scopeOf(), owner)).find(({ identity }) => identity === id);
  await removeAttester(
    { ...ctx, now },
    { identityId: id, seenAt: known?.changedAt.toISOString() ?? '', reason },
  );
  expect(await posture()).toEqual([['image_signed', true]]);
  expect((await listControl(owner, ['attester_removed'])).at(-1)?.facts).toMatchObject({
    identity: id,
    facts_ended: 1,
    reason,
  });
});

test('a fact is registered, changed but for its type, and removed with what was said of it', async () => {
  const base = { name: 'patch_level', description: 'How far', longestMinutes: 60, reason } as const;
  await setPostureType(ctx, { ...base, type: 'decimal', seenAt: null });
  const seen = async () => {
    const found = (await listPostureTypes(scopeOf(), owner)).find(({ name }) => name === base.name);
    return found?.changedAt.toISOString() ?? '';
  };
  await expect(setPostureType(ctx, { ...base, type: 'decimal', seenAt: null })).rejects.toThrow(
    'already',
  );
  await expect(
    setPostureType(ctx, { ...base, type: 'text', seenAt: await seen() }),
  ).rejects.toThrow('stays what it is');
  const old = await seen();
  await setPostureType(ctx, { ...base, type: 'decimal', longestMinutes: 30, seenAt: old });
  await expect(
    setPostureType(ctx, { ...base, type: 'decimal', longestMinutes: 10, seenAt: old }),
  ).rejects.toThrow('Somebody else');
  const { id } = await registerReporter(owner, { name: `levels-${seq}`, kind: 'service' });
  await letAttest({ facts: ['patch_level'] }, id);
  const caller = callerOf(id);
  await attest({ patch_level: fact(2.5) }, { caller });
  expect(await posture()).toEqual([['patch_level', '2.5']]);
  await expect(attest({ patch_level: fact('2.50001', 0.1) }, { caller })).rejects.toThrow(
    'four digits',
  );
  const removal = async () =>
    removePostureType({ ...ctx, now }, { name: base.name, seenAt: await seen(), reason });
  await expect(removal()).rejects.toThrow(`levels-${seq} may say it`);
  const known = (await listAttesters(scopeOf(), owner)).find(({ identity }) => identity === id);
  await letAttest({ facts: ['patched'], seenAt: known?.changedAt.toISOString() ?? '' }, id);
  await removal();
  expect(await posture()).toEqual([]);
  await setPostureType(ctx, { ...base, type: 'decimal', seenAt: null });
  expect(await posture()).toEqual([]);
});

describe('an administrator is refused', () => {
  test.each([
    ['an agent as attester', { identityId: 'agent' }, 'no active service'],
    ['a fact that is not registered', { facts: ['shiny'] }, 'no fact named shiny'],
    ['names and all at once', { identities: ['scanner'] }, 'Name the identities'],
    ['a name that nobody has', { reach: 'identities', identities: ['nobody'] }, 'named nobody'],
    ['itself', { reach: 'identities', identities: ['scanner'] }, 'Nobody attests themselves'],
    ['a team that is none', { reach: 'team' }, 'Choose the team'],
  ] as const)('%s', async (_what, change, sentence) => {
    const { identityId = scanner, ...rest } = change as Partial<SetAttester>;
    await expect(letAttest(rest, identityId === 'agent' ? agent : identityId)).rejects.toThrow(
      sentence,
    );
  });

  test('without a fresh factor, and whoever is none', async () => {
    const stale = { ...ctx, actor: actorOf({}, { isFresh: false }) };
    const input = {
      name: 'x',
      type: 'boolean',
      description: 'X',
      longestMinutes: 1,
      seenAt: null,
      reason,
    } as const;
    await expect(setPostureType(stale, input)).rejects.toMatchObject({ code: 'factor_needed' });
    const analyst = { ...ctx, actor: actorOf({ roles: ['analyst'] }) };
    await expect(setPostureType(analyst, input)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(
      setPostureType(
        { ...ctx, actor: { kind: 'machine', id: 'k', scopes: ['registry:write'], address: '' } },
        input,
      ),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });
});
