import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { classOf } from '../credentials/schema';
import type { Caller } from '../proofs/schema';
import { type JudgedFact, judgeFact, reachesIdentity } from './judge';
import { lockPosture } from './queries';
import {
  type AttesterRule,
  AttestPosture,
  attesterReaches,
  factNameOf,
  type PostureType,
  postureKinds,
  subjectOf,
} from './schema';

/** An identity that attests, by a proof that was taken just now. */
export type AttestCtx = {
  readonly db: PrismaClient;
  readonly caller: Caller;
  readonly now: Date;
};

/** What is set down of each fact, and whether it is another value than held until now. */
export type Attested = { facts: (JudgedFact & { isNew: boolean })[] };

const entryEveryMs = 3_600_000;

/**
 * Sets down what an attester measured of another identity: all of it, or nothing and a sentence for each fact that is
 * wrong. A newer measurement wins, whoever made it. What changed is in the log at once; that it was measured again
 * and stayed the same is there once an hour for an identity and attester, so that attesting every minute fills no
 * log: until when a fact holds stands with the fact.
 */
export async function attestPosture(
  ctx: AttestCtx,
  identityId: string,
  input: unknown,
): Promise<Attested> {
  refuseBearer(ctx.caller);
  const { facts: said } = parseInput(AttestPosture, input);
  return ctx.db.$transaction(async (tx) => {
    const rule = await ruleFor(tx, ctx, identityId);
    await lockPosture(tx, identityId);
    const judged = judgeAll(said, {
      rule,
      types: await typesOf(tx, Object.keys(said)),
      now: ctx.now,
    });
    const before = await factsOf(tx, identityId, judged);
    refuseOlder(judged, before);
    const facts = judged.map((fact) => ({ ...fact, isNew: isNew(fact, before, ctx.now) }));
    await put(tx, ctx, identityId, facts);
    await tell(tx, ctx, identityId, facts, before);
    return { facts };
  });
}

function refuseBearer({ proofs }: Caller): void {
  if (proofs.some(({ kind }) => classOf[kind] !== 'bearer')) return;
  throw new AppError(
    'forbidden',
    'Posture is attested by a certificate, a registered key or a federated token only: a secret that somebody copied would let them say that anything is sound.',
  );
}

const mayNot = (message: string) => new AppError('forbidden', message);

async function ruleFor(
  tx: Transaction,
  { caller: { identity: attester } }: AttestCtx,
  identityId: string,
): Promise<AttesterRule> {
  if (attester.id === identityId)
    throw mayNot('Nobody attests themselves: another registered attester has to.');
  const row = await tx.attester.findUnique({
    where: { identityId: attester.id },
    select: {
      facts: true,
      reach: true,
      identities: true,
      teamId: true,
      identity: { select: { state: true, kind: true } },
    },
  });
  if (row === null || row.identity.kind !== 'service')
    throw mayNot(
      `${attester.name} is no attester. An administrator makes it one under Settings, Posture.`,
    );
  if (row.identity.state !== 'active')
    throw mayNot(`The identity ${attester.name} is ${row.identity.state}: it attests nothing.`);
  const identity = await tx.identity.findFirst({
    where: { id: identityId, state: { not: 'decommissioned' } },
    select: { id: true, teamId: true },
  });
  const reach = attesterReaches.find((each) => each === row.reach);
  const rule: AttesterRule = {
    identity: attester.id,
    facts: row.facts,
    reach: reach ?? 'identities',
    identities: row.identities,
    team: row.teamId,
  };
  // Whoever may say nothing of it does not learn whether it is there.
  if (identity === null || !reachesIdentity(rule, { id: identityId, team: identity.teamId }))
    throw mayNot(`${attester.name} may attest no identity with this id.`);
  return rule;
}

async function typesOf(tx: Transaction, names: string[]): Promise<Map<string, PostureType>> {
  const rows = await tx.postureType.findMany({
    where: { name: { in: names } },
    select: {
      name: true,
      type: true,
      choices: true,
      description: true,
      longestMinutes: true,
      changedAt: true,
    },
  });
  return new Map(
    rows.flatMap(({ type, ...row }) => {
      const kind = postureKinds.find((each) => each === type);
      return kind === undefined ? [] : [[row.name, { ...row, type: kind }] as const];
    }),
  );
}

function judgeAll(
  said: AttestPosture['facts'],
  { rule, types, now }: { rule: AttesterRule; types: Map<string, PostureType>; now: Date },
): JudgedFact[] {
  const judged = Object.entries(said).map(([name, fact]) =>
    judgeFact(name, fact, { type: types.get(name), rule, now }),
  );
  refuseAll(judged.flatMap((each) => (each.ok ? [] : [each.message])));
  return judged.flatMap((each) => (each.ok ? [each.value] : []));
}

function refuseAll(sentences: string[]): void {
  if (sentences.length === 0) return;
  throw new AppError('invalid_input', `Nothing was set down. ${sentences.join(' ')}`);
}

type Before = Map<string, { value: unknown; measuredAt: Date; until: Date | null }>;

async function factsOf(
  tx: Transaction,
  identityId: string,
  judged: readonly JudgedFact[],
): Promise<Before> {
  const rows = await tx.fact.findMany({
    where: {
      subject: subjectOf(identityId),
      name: { in: judged.map(({ name }) => factNameOf(name)) },
    },
    select: { name: true, value: true, measuredAt: true, until: true },
  });
  return new Map(rows.map(({ name, ...row }) => [name, row]));
}

/** The very same measurement again is no older one: whoever got no answer sends it once more. */
function refuseOlder(judged: readonly JudgedFact[], before: Before): void {
  const sentences = judged.flatMap(({ name, value, measuredAt }) => {
    const known = before.get(factNameOf(name));
    if (known === undefined || known.measuredAt < measuredAt) return [];
    if (known.measuredAt.getTime() === measuredAt.getTime() && known.value === value) return [];
    return [
      `${name}: it was measured at ${known.measuredAt.toISOString()}, which is not before this.`,
    ];
  });
  if (sentences.length > 0)
    throw new AppError('conflict', `Nothing was set down. ${sentences.join(' ')}`);
}

const isNew = ({ name, value }: JudgedFact, before: Before, now: Date): boolean => {
  const known = before.get(factNameOf(name));
  return (
    known === undefined || known.value !== value || (known.until !== null && known.until <= now)
  );
};

async function put(
  tx: Transaction,
  { caller }: AttestCtx,
  identityId: string,
  facts: readonly JudgedFact[],
): Promise<void> {
  const subject = subjectOf(identityId);
  const source = subjectOf(caller.identity.id);
  for (const { name: bare, value, measuredAt, until } of facts) {
    const name = factNameOf(bare);
    const data = { value, measuredAt, until, source };
    await tx.fact.upsert({
      where: { subject_name: { subject, name } },
      create: { subject, name, ...data },
      update: data,
      select: { name: true },
    });
  }
}

async function tell(
  tx: Transaction,
  { caller, now }: AttestCtx,
  identityId: string,
  facts: Attested['facts'],
  before: Before,
): Promise<void> {
  const key = { identityId, attesterId: caller.identity.id };
  const last = await tx.attestation.findUnique({
    where: { identityId_attesterId: key },
    select: { loggedAt: true },
  });
  const fresh = facts.filter((fact) => fact.isNew);
  const isDue = last === null || now.getTime() - last.loggedAt.getTime() >= entryEveryMs;
  const isTold = fresh.length > 0 || isDue;
  await tx.attestation.upsert({
    where: { identityId_attesterId: key },
    create: { ...key, saidAt: now, loggedAt: now },
    update: { saidAt: now, ...(isTold ? { loggedAt: now } : {}) },
    select: { identityId: true },
  });
  if (!isTold) return;
  const told = fresh.length > 0 ? fresh : facts;
  await recordControl(tx, 'posture_attested', {
    by: subjectOf(caller.identity.id),
    address: caller.address,
    identity: identityId,
    before: Object.fromEntries(
      told.map(({ name }) => [name, plain(before.get(factNameOf(name))?.value)]),
    ),
    after: Object.fromEntries(told.map(({ name, value }) => [name, value])),
    measured_at: Object.fromEntries(
      told.map(({ name, measuredAt }) => [name, measuredAt.toISOString()]),
    ),
  });
}

const plain = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : null;
