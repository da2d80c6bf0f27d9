import { noResourceView } from '@/lib/resources/address';
import * as resources from '@/lib/resources/queries';
import { resourceIdOf } from '@/lib/resources/resource-id';
import type { Case } from './scoped-reads';
import { world } from './scoped-world';

/** Of bravo: that it is there is known to all, how much it is used to whoever sees bravo. */
const theirs = resourceIdOf({ kind: 'model', name: 'model-of-bravo-agent' });
const view = { ...noResourceView, q: 'model-of-bravo-agent' };

/** Every read of lib/resources that tells of use, by its file and name. */
export const resourceCases: Record<string, Case> = {
  'resources/queries listResources': {
    is: 'counts',
    read: async (scope) =>
      (await resources.listResources(scope, view, new Date(), world.db)).rows.map(
        ({ usedBy, calls24h }) => [usedBy, calls24h],
      ),
    all: [[1, 2]],
    ours: [[0, 0]],
  },
  'resources/queries findResource': {
    is: 'counts',
    read: async (scope) => {
      const found = await resources.findResource(scope, theirs, new Date(), world.db);
      return [found?.usedBy, found?.calls24h];
    },
    all: [1, 2],
    ours: [0, 0],
  },
  'resources/queries listUsers': {
    is: 'tells',
    read: (scope) => resources.listUsers(scope, theirs, world.db),
  },
  'resources/queries listLeftOut': {
    is: 'counts',
    read: async (scope) => {
      await world.owner.query(
        `INSERT INTO resource_name_hour (shard, reporter, hour, names, left_out)
         VALUES (0, $1, date_trunc('hour', now()), 100, 7) ON CONFLICT DO NOTHING`,
        [world.bravo.id],
      );
      return (await resources.listLeftOut(scope, new Date(), world.db)).map(({ names }) => names);
    },
    all: [7],
    ours: [],
  },
};
