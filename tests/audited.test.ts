/**
 * Guards, not proofs, that what people do is in the audit: the code of each mutation reaches an entry, and whoever
 * writes to records writes an entry too. What an entry says is for the tests of each mutation.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { controlKinds, isControlKind } from '@/lib/people/audit/labels';

type File = { name: string; text: string };

const root = path.resolve(import.meta.dirname, '..');
const files: File[] = execFileSync(
  'git',
  ['ls-files', '-co', '--exclude-standard', 'app', 'components', 'lib', 'server'],
  { cwd: root, encoding: 'utf8' },
)
  .split('\n')
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name))
  .filter((name) => existsSync(path.join(root, name)))
  .map((name) => ({ name, text: readFileSync(path.join(root, name), 'utf8') }));

/** What appends to the control shard, and under which kind where it is written out. */
const appends =
  /\b(?:recordControl|appendControl|recordOpened)\(\s*[\w.()]+,\s*(?:'([a-z_]+)')?|\brecordOnce\([\s\S]{0,200}?\bkind(?:: '([a-z_]+)')?,/g;
/** Functions of the database that write their own entry. */
const erases: readonly [RegExp, string][] = [
  [/\berase_(?:entry|measurement)\(/, 'entry_erased'],
  [/\berase_quarantined\(/, 'quarantined_erased'],
];

type Part = { name: string; isExported: boolean; isAsync: boolean; text: string };

/** The functions at the top of a file, each up to the next one. */
function partsOf(text: string): Part[] {
  const starts = [
    ...text.matchAll(
      /^(export )?(?:(async )?function\*? (\w+)|const (\w+) = (async )?(?:<[^>]*>)?\()/gm,
    ),
  ];
  return starts.map((start, index) => {
    const [, exported, async, named, bound, boundAsync] = start;
    return {
      name: named ?? bound ?? '',
      isExported: exported !== undefined,
      isAsync: async !== undefined || boundAsync !== undefined || bound !== undefined,
      text: text.slice(start.index, starts[index + 1]?.index),
    };
  });
}

/** The kinds that a function, or what it calls in its own file, appends; `''` for one that is passed on. */
function kindsReached(name: string, parts: readonly Part[], seen = new Set<string>()): Set<string> {
  const kinds = new Set<string>();
  const part = parts.find((each) => each.name === name);
  if (part === undefined || seen.has(name)) return kinds;
  seen.add(name);
  for (const match of part.text.matchAll(appends)) kinds.add(match[1] ?? match[2] ?? '');
  for (const [pattern, kind] of erases) if (pattern.test(part.text)) kinds.add(kind);
  for (const other of parts)
    if (other.name !== name && new RegExp(`\\b${other.name}\\b`).test(part.text))
      for (const kind of kindsReached(other.name, parts, seen)) kinds.add(kind);
  return kinds;
}

/** Exported functions of mutations that append nothing, and why. */
const silent: Readonly<Record<string, string>> = {
  'lib/identities/registration/mutations.ts refuseCrowd': 'asks how many proposals wait',
  'lib/identities/import/mutations.ts previewImport': 'says what a file would come to',
  'lib/people/teams/mutations.ts setMember': 'is a change of rights, which is told as one',
  'lib/people/members/mutations.ts endAll': 'is counted in the entry of whoever calls it',
  'lib/people/resets/mutations.ts resetPassword': 'is told in the entry of the reset',
  'lib/people/resets/mutations.ts revokeResets': 'comes with the entry of a reset or a removal',
  'lib/people/resets/mutations.ts writeNewPassword': 'is told once the link was used up by it',
  'lib/inventory/export/mutations.ts moveExport': 'writes down how far a download is',
  'lib/inventory/export/mutations.ts stopExport':
    "stops one's own download, which is told as cancelled when it ends",
  'lib/inventory/mutations.ts requireSeen': 'asks whether somebody sees an entry',
  'lib/inventory/mutations.ts whyWithheld': 'asks whether somebody may read its content',
  'lib/people/networks/mutations.ts lockNetworks': 'has others wait while networks are changed',
};

/** Exported functions that reach no entry and are not listed above. */
const unheard = (file: File): string[] => {
  const parts = partsOf(file.text);
  return parts
    .filter(({ isExported, isAsync }) => isExported && isAsync)
    .filter(({ name, text }) => /\b(?:async|Promise)\b/.test(text) && isWriting(name))
    .filter(({ name }) => kindsReached(name, parts).size === 0)
    .map(({ name }) => `${file.name} ${name}`);
};

/** Questions about rights stand beside the mutations that ask them. */
const isWriting = (name: string) => !/^(?:is|has|can|may)[A-Z]/.test(name);

const mutations = files.filter(({ name }) => /^lib\/.*\/mutations\.ts$/.test(name));

const writes = [
  /\b(?:tx|db|client|records|prisma\(\))\.\w+\.(?:create|createMany|createManyAndReturn|update|updateMany|updateManyAndReturn|upsert|delete|deleteMany)\(/,
  /\bINSERT INTO\b|\bDELETE FROM\b|\bUPDATE [a-z_]+ (?:[a-z] )?SET\b/,
];

/** Files that write and append nothing, beside the log itself and the projections of it. */
const unaudited: Readonly<Record<string, string>> = {
  'lib/auth/factor/challenge.ts': 'notes which proofs were taken; who shows one writes the entry',
  'lib/auth/queries.ts': 'notes when a sign-in was last seen',
  'lib/auth/tries.ts': 'counts tries; a refused one is told by whoever counts it',
  'lib/delivery/notify.ts': 'tells of what the caller writes an entry of',
  'lib/delivery/outbox.ts': 'what was sent is on the page of deliveries',
  'lib/people/api-keys/queries.ts': 'notes when a key was last used',
  'lib/people/invitations/make-link.ts': 'makes a link; who invites or resets writes the entry',
  'lib/people/seed.ts': 'keeps a seed; who sets it up writes the entry',
  'lib/identities/queries.ts': 'notes when a key was last used',
  'lib/identities/external/origin/queries.ts': 'comes with the entry of who settles origins',
  'lib/identities/external/probe/queries.ts':
    'keeps what hosts showed; an origin that changes by it is told',
  'lib/identities/external/verify.ts': 'remembers which messages were verified, for minutes',
  'lib/resources/definitions/admit.ts': 'counts what a projection has room for',
  'lib/resources/definitions/seal.ts': 'makes a key for what a projection keeps',
  'lib/resources/fit.ts': 'sets further names; whoever registers or changes writes the entry',
  'lib/identities/fit.ts': 'locks who is to answer for an identity, and changes nothing',
  'lib/identities/registration/join-shadow.ts': 'comes with the entry of who registers',
  'lib/identities/registration/register-identity.ts': 'comes with the entry of who calls it',
  'lib/identities/registration/register-many.ts': 'comes with the entry of who calls it',
  'lib/identities/versions/apply-change.ts': 'comes with the entry of who calls it',
  'lib/identities/versions/write-version.ts': 'keeps what the entry of a change tells of',
  'lib/identities/posture/end-facts.ts': 'ends facts; whoever stops or removes writes the entry',
  'lib/inventory/measured/runs.ts': 'outputs of a projection',
  'lib/inventory/measured/tally.ts': 'outputs of a projection',
  'server/cli/simulate/background.ts': 'queries that a made-up daemon tells of, and nobody runs',
};

const isWriter = ({ name, text }: File): boolean =>
  !/^lib\/log\/|\/project\.ts$/.test(name) && writes.some((pattern) => pattern.test(text));

/** Why a file's writes would not be in the audit. */
const breachesOf = (file: File): string[] =>
  isWriter(file) &&
  unaudited[file.name] === undefined &&
  !/\b(?:recordControl|appendControl|recordOnce)\(/.test(file.text)
    ? [file.name]
    : [];

test('the guards see the code', () => {
  expect(mutations.length).toBeGreaterThan(8);
  expect(files.filter(isWriter).length).toBeGreaterThan(8);
  const found = mutations.flatMap(({ text }) => {
    const parts = partsOf(text);
    return parts.flatMap(({ name }) => [...kindsReached(name, parts)]);
  });
  expect(new Set(found).size).toBeGreaterThan(15);
});

test('every mutation of every domain reaches an entry, or says why not', () => {
  const listed = mutations.flatMap(unheard);
  expect(listed.sort()).toEqual(Object.keys(silent).sort());
});

test('every kind that code appends has words on the audit page', () => {
  const kinds = files.flatMap(({ text }) =>
    [...text.matchAll(appends)].flatMap((match) => match[1] ?? match[2] ?? []),
  );
  expect(kinds.length).toBeGreaterThan(20);
  expect(kinds.filter((kind) => !isControlKind(kind))).toEqual([]);
});

test('every kind in a migration has words on the audit page', () => {
  const migrations = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'prisma'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((name) => name.endsWith('/migration.sql') && existsSync(path.join(root, name)))
    .map((name) => readFileSync(path.join(root, name), 'utf8'));
  const kinds = migrations.flatMap((text) => [
    ...[...text.matchAll(/INSERT INTO control_kind [^;]*;/g)].flatMap(([statement]) =>
      [...statement.matchAll(/'([a-z_]+)'/g)].map((match) => match[1] ?? ''),
    ),
    ...[...text.matchAll(/write_control\('([a-z_]+)'/g)].map((match) => match[1] ?? ''),
  ]);
  // Only the command line, which runs as the owner, writes one that no migration names.
  expect([...new Set([...kinds, 'key_encryption_key_rotated'])].sort()).toEqual(
    Object.keys(controlKinds).sort(),
  );
});

test('whoever writes to records appends an entry, or is listed with the reason', () => {
  expect(files.flatMap(breachesOf)).toEqual([]);
  const writers = files.filter(isWriter).map(({ name }) => name);
  expect(Object.keys(unaudited).filter((name) => !writers.includes(name))).toEqual([]);
});

describe('a planted breach is caught', () => {
  test.each([
    [`export async function removeIt(ctx) {\n  await ctx.db.it.delete({});\n}`],
    [
      `const write = (tx) =>\n  tx.it.delete({});\nexport async function removeIt(ctx) {\n  await write(ctx.db);\n}`,
    ],
    [`export const removeIt = async (ctx) => {\n  await ctx.db.it.delete({});\n};`],
  ])('a mutation without an entry: %s', (text) => {
    expect(unheard({ name: 'lib/it/mutations.ts', text })).toEqual([
      'lib/it/mutations.ts removeIt',
    ]);
  });

  test('while one that leaves it to a function of its own file is not', () => {
    const text = `async function told(tx) {\n  await recordControl(tx, 'signed_in', {});\n}\nexport async function removeIt(ctx) {\n  await told(ctx.db);\n}`;
    expect(unheard({ name: 'lib/it/mutations.ts', text })).toEqual([]);
  });

  test.each([
    ['lib/people/queries.ts', `await tx.person.updateMany({ where: { id } });`],
    ['app/page.tsx', `await prisma().setting.upsert({});`],
    ['server/gateway/replay.ts', "await db.query('UPDATE setting s SET content = $1');"],
    ['lib/inventory/queries.ts', 'client.query(`DELETE FROM identity WHERE id = $1`)'],
  ])('%s that writes: %s', (name, text) => {
    expect(breachesOf({ name, text })).toEqual([name]);
  });
});
