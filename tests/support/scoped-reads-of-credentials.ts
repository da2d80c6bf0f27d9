import * as anchors from '@/lib/identities/anchors/queries';
import { emptyCredentialFilter } from '@/lib/identities/credentials/address';
import * as credentials from '@/lib/identities/credentials/queries';
import * as foreign from '@/lib/identities/foreign-secrets/queries';
import * as issuers from '@/lib/identities/issuers/queries';
import { believeAnchor } from './registry';
import type { Case } from './scoped-reads';
import { world } from './scoped-world';

const tells = (read: Case['read']): Case => ({ is: 'tells', read });
const counted = (read: Case['read'], forAll: unknown, ours: unknown): Case => ({
  is: 'counts',
  read,
  all: forAll,
  ours,
});
const now = () => new Date();
const filter = emptyCredentialFilter();

async function credentialOf(identity: string): Promise<string> {
  const { rows } = await world.owner.query<{ id: string }>(
    'SELECT id FROM credential WHERE identity_id = $1 LIMIT 1',
    [identity],
  );
  return rows[0]?.id ?? '';
}

/** Bravo's, which is overdue. */
async function seedSecret(): Promise<void> {
  await world.owner.query(
    `INSERT INTO foreign_secret (id, identity_id, issuer, label, fingerprint, made_at, due_at, created_at, changed_at)
     VALUES (gen_random_uuid(), $1, 'OpenAI', 'bravo key', sha256('a'), now(), now(), now(), now()) ON CONFLICT DO NOTHING`,
    [world.bravo.id],
  );
}

/** Those of what identities prove themselves with. Everybody has an ingest key. */
export const credentialCases: Record<string, Case> = {
  'identities/credentials/queries countCredentialBoard': counted(
    async (scope) => (await credentials.countCredentialBoard(scope, now(), world.db)).bearer,
    4,
    1,
  ),
  'identities/credentials/queries listCredentials': tells((scope) =>
    credentials.listCredentials(scope, { filter, cursor: null, now: now() }, world.db),
  ),
  'identities/credentials/queries countCredentials': counted(
    async (scope) =>
      (await credentials.countCredentials(scope, { filter, now: now() }, world.db)).count,
    4,
    1,
  ),
  'identities/credentials/queries listCredentialsOf': tells((scope) =>
    credentials.listCredentialsOf(scope, { identity: world.bravo.id, now: now() }, world.db),
  ),
  'identities/credentials/queries findCredential': tells(async (scope) =>
    credentials.findCredential(
      scope,
      { id: await credentialOf(world.bravo.id), now: now() },
      world.db,
    ),
  ),
  'identities/credentials/queries findIdentityNamed': tells((scope) =>
    credentials.findIdentityNamed(scope, 'bravo-agent', world.db),
  ),
  'identities/anchors/queries listAnchors': {
    is: 'same',
    read: (scope) => anchors.listAnchors(scope, now(), world.db),
  },
  'identities/anchors/queries listStopping': tells(async (scope) => {
    const id = await believeAnchor(world.owner);
    await world.owner.query(
      `INSERT INTO credential (id, identity_id, kind, hint, subject, anchor_id, rule, created_at, expires_at)
       VALUES (gen_random_uuid(), $1, 'certificate', '', 'subject:CN=b', $2, '{}', now(), now() + interval '9 days')`,
      [world.bravo.id, id],
    );
    const stopping = await anchors.listStopping(scope, { by: 'anchor', id, now: now() }, world.db);
    await world.owner.query('DELETE FROM credential WHERE anchor_id = $1', [id]);
    await world.owner.query('DELETE FROM trust_anchor WHERE id = $1', [id]);
    return stopping;
  }),
  'identities/foreign-secrets/queries listForeignSecrets': tells(async (scope) => {
    await seedSecret();
    return foreign.listForeignSecrets(scope, { now: now() }, world.db);
  }),
  'identities/foreign-secrets/queries countOverdueSecrets': counted(
    async (scope) => {
      await seedSecret();
      return foreign.countOverdueSecrets(scope, now(), world.db);
    },
    1,
    0,
  ),
  'identities/issuers/queries listIssuers': {
    is: 'same',
    read: (scope) => issuers.listIssuers(scope, now(), world.db),
  },
  'identities/credentials/queries getCredentialChoices': {
    is: 'same',
    read: (scope) => credentials.getCredentialChoices(scope, world.db),
  },
};
