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
import { type Asks, actions, pagesAsk, routesAsk } from '../support/permission-table';
import { openTwoTeams } from '../support/two-teams';

// If this fails, somebody may do what the permission table does not give them, or something new is not in it.
test.use({ database: 'permission_matrix' });
test.describe.configure({ timeout: 240_000 });

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
