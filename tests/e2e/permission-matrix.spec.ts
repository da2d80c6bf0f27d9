import { newId } from '@/lib/core/ids';
import { emptyFilter, rangeOf } from '@/lib/inventory/address';
import { listInteractions } from '@/lib/inventory/queries';
import {
  can,
  needsFreshFactor,
  type Permission,
  permissions,
  refusalOf,
} from '@/lib/people/permissions';
import {
  type BuiltAction,
  builtActions,
  exportedActions,
  pages,
  routes,
} from '../support/console-surface';
import { ensureAdministrator, expect, type Installation, test } from '../support/e2e';
import { cookieOf, everybody, type Somebody } from '../support/everybody';
import { scopeOf } from '../support/people';
import { credentialActions, credentialPages } from '../support/permissions-of-credentials';
import { openTwoTeams } from '../support/two-teams';

// If this fails, somebody may do what the permission table does not give them, or something new is not in it.
test.use({ database: 'permission_matrix' });
test.describe.configure({ timeout: 240_000 });

/**
 * What a thing asks for: a permission, nothing (`anyone`: the door itself), a sign-in that waits for its second factor,
 * or the secret that comes with it.
 */
type Asks = Permission | 'anyone' | 'pending';

const actions: Record<string, Asks> = {
  ...credentialActions,
  'app/(console)/actions.ts#askFactor': 'console.read',
  'app/(console)/actions.ts#showFactor': 'console.read',
  'app/(console)/actions.ts#signOut': 'anyone',
  'app/(console)/account/actions.ts#addFactor': 'account.write',
  'app/(console)/account/actions.ts#beginNewApp': 'account.write',
  'app/(console)/account/actions.ts#beginNewPasskey': 'account.write',
  'app/(console)/account/actions.ts#changeOwnPassword': 'account.write',
  'app/(console)/account/actions.ts#endOthersOfMine': 'console.read',
  'app/(console)/account/actions.ts#endSignInOfMine': 'console.read',
  'app/(console)/account/actions.ts#removeOwnFactor': 'account.write',
  'app/(console)/account/actions.ts#renameOwnPasskey': 'account.write',
  'app/(console)/account/actions.ts#renewRecoveryCodes': 'account.write',
  'app/(console)/connect/actions.ts#connectAgent': 'registry.write',
  'app/(console)/coverage/actions.ts#assignOwner': 'registry.write',
  'app/(console)/coverage/actions.ts#ignoreActor': 'shadow.decide',
  'app/(console)/coverage/actions.ts#registerActor': 'registry.write',
  'app/(console)/coverage/actions.ts#unignoreActor': 'shadow.decide',
  'app/(console)/health/quarantine/actions.ts#replayItems': 'quarantine.replay',
  'app/(console)/identities/import/actions.ts#applyImport': 'registry.write',
  'app/(console)/identities/import/actions.ts#checkImport': 'registry.write',
  'app/(console)/identities/[id]/origin/actions.ts#askHosts': 'registry.propose',
  'app/(console)/identities/[id]/origin/actions.ts#saveOrigin': 'registry.write',
  'app/(console)/identities/actions.ts#accept': 'registry.write',
  'app/(console)/identities/actions.ts#change': 'registry.write',
  'app/(console)/identities/actions.ts#decommission': 'registry.write',
  'app/(console)/identities/actions.ts#refuse': 'registry.write',
  'app/(console)/identities/actions.ts#register': 'registry.write',
  'app/(console)/identities/actions.ts#resume': 'registry.write',
  'app/(console)/identities/actions.ts#suspend': 'registry.stop',
  'app/(console)/identities/proposed/[id]/actions.ts#accept': 'registry.write',
  'app/(console)/identities/proposed/[id]/actions.ts#refuse': 'registry.write',
  'app/(console)/inventory/actions.ts#askExport': 'facts.export',
  'app/(console)/inventory/actions.ts#endExport': 'console.read',
  'app/(console)/inventory/actions.ts#eraseInteraction': 'entry.erase',
  'app/(console)/notices/actions.ts#deleteWebhook': 'account.write',
  'app/(console)/notices/actions.ts#markRead': 'console.read',
  'app/(console)/notices/actions.ts#retry': 'deliveries.write',
  'app/(console)/notices/actions.ts#rotateWebhook': 'account.write',
  'app/(console)/notices/actions.ts#saveWebhook': 'account.write',
  'app/(console)/notices/actions.ts#testMine': 'console.read',
  'app/(console)/notices/actions.ts#testWebhook': 'console.read',
  'app/(console)/people/agents/actions.ts#expectPerson': 'findings.decide',
  'app/(console)/people/agents/actions.ts#reopenPerson': 'findings.decide',
  'app/(console)/people/actions.ts#addTeam': 'people.write',
  'app/(console)/people/actions.ts#confirm': 'rights.confirm',
  'app/(console)/people/actions.ts#endSignIn': 'people.write',
  'app/(console)/people/actions.ts#invite': 'people.write',
  'app/(console)/people/actions.ts#linkSso': 'people.write',
  'app/(console)/people/actions.ts#refuse': 'rights.confirm',
  'app/(console)/people/actions.ts#remove': 'people.write',
  'app/(console)/people/actions.ts#removeTeam': 'people.write',
  'app/(console)/people/actions.ts#reset': 'people.write',
  'app/(console)/people/actions.ts#restore': 'people.write',
  'app/(console)/people/actions.ts#revoke': 'people.write',
  'app/(console)/people/actions.ts#saveRights': 'people.write',
  'app/(console)/people/actions.ts#saveTeam': 'people.write',
  'app/(console)/people/actions.ts#setBreakGlass': 'people.write',
  'app/(console)/people/actions.ts#setFourEyes': 'people.write',
  'app/(console)/people/actions.ts#setTeamMember': 'people.write',
  'app/(console)/people/actions.ts#withdraw': 'people.write',
  'app/(console)/resources/actions.ts#addType': 'registry.write',
  'app/(console)/resources/actions.ts#decideOn': 'resources.approve',
  'app/(console)/resources/actions.ts#deleteType': 'registry.write',
  'app/(console)/resources/actions.ts#dismiss': 'registry.write',
  'app/(console)/resources/actions.ts#proposeChange': 'registry.propose',
  'app/(console)/resources/actions.ts#saveChosen': 'registry.write',
  'app/(console)/resources/actions.ts#saveResource': 'registry.write',
  'app/(console)/resources/actions.ts#setRetired': 'registry.write',
  'app/(console)/settings/actions.ts#previewKeeping': 'console.read',
  'app/(console)/settings/actions.ts#saveKeeping': 'settings.write',
  'app/(console)/settings/actions.ts#saveOrganisation': 'settings.write',
  'app/(console)/settings/enrolment/actions.ts#listNetwork': 'registry.write',
  'app/(console)/settings/enrolment/actions.ts#makeCode': 'registry.write',
  'app/(console)/settings/enrolment/actions.ts#revokeCode': 'registry.write',
  'app/(console)/settings/enrolment/actions.ts#setEnrolment': 'registry.write',
  'app/(console)/settings/enrolment/actions.ts#unlistNetwork': 'registry.write',
  'app/(console)/settings/keys/actions.ts#makeKey': 'api_keys.write',
  'app/(console)/settings/keys/actions.ts#revokeKey': 'api_keys.write',
  'app/(console)/settings/keys/actions.ts#rotateKey': 'api_keys.write',
  'app/(console)/settings/networks/actions.ts#deleteNetwork': 'settings.write',
  'app/(console)/settings/networks/actions.ts#saveNetwork': 'settings.write',
  'app/(console)/settings/posture/actions.ts#deleteAttester': 'registry.write',
  'app/(console)/settings/posture/actions.ts#deleteType': 'registry.write',
  'app/(console)/settings/posture/actions.ts#saveAttester': 'registry.write',
  'app/(console)/settings/posture/actions.ts#saveType': 'registry.write',
  'app/(console)/settings/prices/actions.ts#deletePrice': 'prices.write',
  'app/(console)/settings/prices/actions.ts#savePrice': 'prices.write',
  'app/(console)/zones/actions.ts#deleteZone': 'registry.write',
  'app/(console)/zones/actions.ts#saveZone': 'registry.write',
  'app/invitation/actions.ts#accept': 'anyone',
  'app/set-up/actions.ts#setUp': 'anyone',
  'app/sign-in/actions.ts#askPasskey': 'anyone',
  'app/sign-in/actions.ts#beginFirstApp': 'pending',
  'app/sign-in/actions.ts#beginFirstPasskey': 'pending',
  'app/sign-in/actions.ts#enrolFirstFactor': 'pending',
  'app/sign-in/actions.ts#enterByCode': 'pending',
  'app/sign-in/actions.ts#showPasskey': 'anyone',
};

const routesAsk: Record<string, Asks> = {
  'GET /api/audit': 'audit.read',
  'GET /api/auth/[...nextauth]': 'anyone',
  'POST /api/auth/[...nextauth]': 'anyone',
  'GET /api/exports/[id]': 'facts.export',
  'GET /api/live/arrivals': 'console.read',
  'GET /api/live/arrived': 'console.read',
  'GET /api/live/content': 'console.read',
  'GET /api/live/export-preview': 'console.read',
  'GET /api/live/exports': 'console.read',
  'GET /api/live/health': 'console.read',
  'GET /api/live/ingest': 'console.read',
  'GET /api/live/interaction': 'console.read',
  'GET /api/live/quarantined': 'console.read',
  'GET /api/live/reader': 'console.read',
  'GET /api/live/sign-in': 'console.read',
  'GET /api/live/stop': 'console.read',
  'GET /api/live/tail': 'console.read',
  'POST /api/oidc/backchannel-logout': 'anyone',
};

const pagesAsk: Record<string, Asks> = {
  ...credentialPages,
  '/': 'anyone',
  '/account': 'console.read',
  '/audit': 'audit.read',
  '/connect': 'console.read',
  '/coverage': 'console.read',
  '/health': 'console.read',
  '/health/quarantine': 'console.read',
  '/identities': 'console.read',
  '/identities/[id]': 'console.read',
  '/identities/[id]/access': 'console.read',
  '/identities/[id]/activity': 'console.read',
  '/identities/[id]/change': 'registry.write',
  '/identities/[id]/changes': 'console.read',
  '/identities/[id]/credentials': 'console.read',
  '/identities/[id]/findings': 'console.read',
  '/identities/import': 'registry.write',
  '/identities/[id]/origin': 'console.read',
  '/identities/[id]/posture': 'console.read',
  '/identities/new': 'registry.write',
  '/identities/proposed/[id]': 'console.read',
  '/inventory': 'console.read',
  '/invitation': 'anyone',
  '/notices': 'console.read',
  '/notices/deliveries': 'deliveries.write',
  '/overview': 'console.read',
  '/people/agents': 'people.read',
  '/people': 'people.read',
  '/resources': 'console.read',
  '/resources/[id]': 'console.read',
  '/resources/register': 'registry.write',
  '/sessions': 'console.read',
  '/sessions/[id]': 'console.read',
  '/set-up': 'anyone',
  '/settings': 'console.read',
  '/settings/content': 'console.read',
  '/settings/enrolment': 'registry.write',
  '/settings/keys': 'api_keys.write',
  '/settings/networks': 'console.read',
  '/settings/posture': 'console.read',
  '/settings/prices': 'console.read',
  '/sign-in': 'anyone',
  '/sign-in/enrol': 'pending',
  '/sign-in/factor': 'pending',
  '/zones': 'console.read',
};

/** What an action must come to. `through`: it was let in, whatever it then said of the nothing that was posted. */
function expectedOf(asks: Asks, who: Somebody): string {
  if (asks === 'anyone') return 'through';
  if (asks === 'pending') return who.state === 'waiting' ? 'through' : 'signed_out';
  // Whoever has no role is nobody here.
  if (who.state === 'none' || who.state === 'waiting' || who.roles.length === 0)
    return 'signed_out';
  if (!can(who, asks)) return 'forbidden';
  return needsFreshFactor(asks) && who.state === 'stale' ? 'factor_needed' : 'through';
}

async function callAction(
  { url }: Installation,
  { id, address }: BuiltAction,
  cookie: string,
  posted: unknown[] = [],
): Promise<string> {
  const response = await fetch(url + address.replace(/\[\w+\]/, newId()), {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'next-action': id,
      origin: url,
      cookie,
      'content-type': 'text/plain;charset=UTF-8',
      accept: 'text/x-component',
    },
    body: JSON.stringify(posted),
  });
  const text = await response.text();
  if (response.status >= 500) return `failed with ${response.status}`;
  const reason = /"ok":false,"reason":"(\w+)"/.exec(text)?.[1];
  return reason === undefined || reason === 'refused' ? 'through' : reason;
}

/** Eight at a time: what is asked is not how fast. */
async function each<Item>(items: readonly Item[], run: (item: Item) => Promise<void>) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

test.beforeAll(({ installation }) => ensureAdministrator(installation));

test('each server action lets in exactly whom the permission table lets in', async ({
  installation,
}) => {
  const built = builtActions();
  expect(built.map(({ name }) => name).sort()).toEqual(exportedActions());
  expect(built.map(({ name }) => name).sort()).toEqual(Object.keys(actions).sort());
  const wrong: string[] = [];
  await each(
    built.flatMap((action) => everybody.map((who) => ({ action, who }))),
    async ({ action, who }) => {
      const asks = actions[action.name] ?? 'anyone';
      const outcome = await callAction(installation, action, await cookieOf(installation, who));
      const expected = expectedOf(asks, who);
      if (outcome !== expected)
        wrong.push(`${action.name} of ${who.name}: ${outcome}, not ${expected}`);
    },
  );
  expect(wrong).toEqual([]);
});

test('each route answers exactly whom the permission table lets in', async ({ installation }) => {
  expect(routes().sort()).toEqual(Object.keys(routesAsk).sort());
  const wrong: string[] = [];
  await each(
    Object.entries(routesAsk).flatMap(([route, asks]) =>
      everybody.map((who) => ({ route, asks, who })),
    ),
    async ({ route, asks, who }) => {
      const [method = '', address = ''] = route.split(' ');
      const stop = new AbortController();
      const response = await fetch(installation.url + address.replace(/\[[\w.]+\]/, newId()), {
        method,
        redirect: 'manual',
        headers: { cookie: await cookieOf(installation, who) },
        signal: stop.signal,
      });
      // Of a stream, that it began is enough.
      stop.abort();
      const code = { 401: 'signed_out', 403: 'forbidden' }[response.status] ?? 'through';
      const expected = asks === 'anyone' ? code : expectedOf(asks, who);
      if (code !== expected || response.status >= 500)
        wrong.push(`${route} of ${who.name}: ${response.status}, not ${expected}`);
    },
  );
  expect(wrong).toEqual([]);
});

test('each page opens to exactly whom the permission table lets in', async ({ installation }) => {
  expect(pages().sort()).toEqual(Object.keys(pagesAsk).sort());
  const wrong: string[] = [];
  await each(
    Object.entries(pagesAsk).flatMap(([page, asks]) =>
      everybody.map((who) => ({ page, asks, who })),
    ),
    async ({ page, asks, who }) => {
      const response = await fetch(installation.url + page.replace(/\[\w+\]/, newId()), {
        redirect: 'manual',
        headers: { cookie: await cookieOf(installation, who) },
      });
      const text = await response.text();
      const isRefused = isPermission(asks) && text.includes(refusalOf(asks));
      const isSentAway = (response.headers.get('location') ?? '').startsWith('/sign-in');
      const outcome = isSentAway ? 'signed_out' : isRefused ? 'forbidden' : 'through';
      const expected = asks === 'anyone' || asks === 'pending' ? outcome : expectedOf(asks, who);
      // A page shows; what on it is dangerous asks for a fresh factor by itself.
      if (
        outcome !== (expected === 'factor_needed' ? 'through' : expected) ||
        response.status >= 500
      )
        wrong.push(`${page} of ${who.name}: ${outcome} (${response.status}), not ${expected}`);
    },
  );
  expect(wrong).toEqual([]);
});

/** What content comes to for somebody: a right of its own, whatever the role. */
function contentOf(who: Somebody, given: string, withheld: string): string {
  const expected = expectedOf('console.read', who);
  if (expected !== 'through') return expected;
  return who.content === 'all' ? given : withheld;
}

test('content is read and taken out by exactly whom it was given, whatever their role', async ({
  installation,
}) => {
  const { kek, urls, url } = installation;
  const world = await openTwoTeams({
    kek,
    migratorUrl: urls.migrator,
    gatewayUrl: urls.gateway,
    workerUrl: urls.worker,
    consoleUrl: urls.console,
    drop: async () => undefined,
  });
  await world.say(world.alfa, 'alfa-agent', 'marigold of ours');
  await world.project();
  const view = { filter: emptyFilter(), range: rangeOf('1h', new Date()), cursor: null };
  const [row] = (await listInteractions(scopeOf(), view, world.owner)).rows;
  const session = await world.owner.query<{ id: string }>('SELECT id FROM session');
  await world.close();
  const asked = {
    content: `/api/live/content?id=${row?.id}`,
    reader: `/api/live/reader?session=${session.rows[0]?.id}`,
    refused: `/api/live/quarantined?id=${newId()}`,
  };
  const exporting = builtActions().find(({ name }) => name.endsWith('#askExport'));
  if (exporting === undefined) throw new Error('no export');
  const wrong: string[] = [];
  await each(everybody, async (who) => {
    const cookie = await cookieOf(installation, who);
    const get = async (path: string) => {
      const response = await fetch(url + path, { headers: { cookie } });
      return { status: response.status, text: await response.text() };
    };
    const outcomeOf = ({ status, text }: { status: number; text: string }) => {
      if (status === 401) return 'signed_out';
      if (status === 403) return 'forbidden';
      if (status !== 200) return `status ${status}`;
      return text.includes('marigold') ? 'open' : 'answered';
    };
    const outcomes = {
      content: outcomeOf(await get(asked.content)),
      reader: outcomeOf(await get(asked.reader)),
      refused: outcomeOf(await get(asked.refused)),
      export: await callAction(installation, exporting, cookie, [
        { search: '', format: 'csv', withContent: true },
      ]),
    };
    const mayExport = expectedOf('facts.export', who);
    const expected = {
      content: contentOf(who, 'open', 'answered'),
      reader: contentOf(who, 'open', 'answered'),
      refused: contentOf(who, 'answered', 'forbidden'),
      export:
        mayExport !== 'through'
          ? mayExport
          : who.content !== 'all'
            ? 'forbidden'
            : who.state === 'stale'
              ? 'factor_needed'
              : 'through',
    };
    for (const what of Object.keys(expected) as (keyof typeof expected)[])
      if (outcomes[what] !== expected[what])
        wrong.push(`${what} of ${who.name}: ${outcomes[what]}, not ${expected[what]}`);
  });
  expect(wrong).toEqual([]);
});

const isPermission = (asks: Asks): asks is Permission => asks in permissions;
