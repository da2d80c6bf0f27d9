import type { ReadScope } from '@/lib/auth/scope';
import * as external from '@/lib/identities/external/queries';
import { parseEntryId } from '@/lib/inventory/entry-id';
import { listStrange } from '@/lib/inventory/origin/queries';
import type { Case } from './scoped-reads';
import { theirs, world } from './scoped-world';

/** Bravo as an external API whose one entry came from elsewhere. */
async function seed(): Promise<void> {
  const { owner, bravo } = world;
  const place = placeOfTheirs();
  await owner.query(
    `INSERT INTO external_api (identity_id, hosts, changed_at, probe_due_at)
     VALUES ($1, '{api.example.com}', now(), now()) ON CONFLICT DO NOTHING`,
    [bravo.id],
  );
  await owner.query(
    `INSERT INTO fact (subject, name, value, measured_at, until, source)
     VALUES ('identity:' || $1, 'origin', '"unverified"', now(), now() + interval '1 hour', 'projection:origin')
     ON CONFLICT DO NOTHING`,
    [bravo.id],
  );
  await owner.query(
    `INSERT INTO external_mismatch (received_at, shard, position, identity) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [place.receivedAt, place.shard, place.position, bravo.id],
  );
  await owner.query(
    `INSERT INTO external_hour (identity, hour, shard, interactions, unverified)
     VALUES ($1, date_bin('1 hour', now(), 'epoch'), $2, 3, 1) ON CONFLICT DO NOTHING`,
    [bravo.id, place.shard],
  );
}

function placeOfTheirs() {
  const place = parseEntryId(theirs.entry);
  if (place === null) throw new Error('it is no entry');
  return place;
}

const seeded =
  (read: (scope: ReadScope) => Promise<unknown>): Case['read'] =>
  async (scope) => {
    await seed();
    return read(scope);
  };
const tells = (read: (scope: ReadScope) => Promise<unknown>): Case => ({
  is: 'tells',
  read: seeded(read),
});

export const externalCases: Record<string, Case> = {
  'identities/external/queries findExternalApi': tells((scope) =>
    external.findExternalApi(scope, world.bravo.id, world.db),
  ),
  'identities/external/queries findOrigin': {
    is: 'counts',
    read: seeded(
      async (scope) =>
        (await external.findOrigin(scope, world.bravo.id, new Date(), world.db))?.origin,
    ),
    all: 'unverified',
    ours: undefined,
  },
  'identities/external/queries listMismatches': tells((scope) =>
    external.listMismatches(scope, world.bravo.id, world.db),
  ),
  'identities/external/queries countOrigins': {
    is: 'counts',
    read: seeded((scope) => external.countOrigins(scope, world.bravo.id, new Date(), world.db)),
    all: { interactions: 3, unverified: 1 },
    ours: null,
  },
  'identities/external/queries listUnverified': tells((scope) =>
    external.listUnverified(scope, new Date(), world.db),
  ),
  'origin/queries listStrange': tells((scope) => listStrange(scope, placeOfTheirs(), world.db)),
};
