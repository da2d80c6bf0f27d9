import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { acceptEnrolment } from '@/lib/identities/enrolment/deciding/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { addCode, addPlaces, switchEnrolment } from '../support/enrolment';
import { freePort } from '../support/free-port';
import { startGateway, type TestGateway } from '../support/gateway';
import { setUpOrganisation } from '../support/organisation';
import { actorOf, scopeOf } from '../support/people';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '../..');
const folder = path.join(root, 'dist/tests');

let database: TestDatabase;
let owner: Pool;
let db: PrismaClient;
let gateway: TestGateway;
let url: string;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  database = await createTestDatabase();
  owner = createPool(database.migratorUrl, { applicationName: 'tests', max: 2 });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 2 });
  const port = await freePort();
  url = `http://localhost:${port}`;
  gateway = await startGateway(database, { GATEWAY_URL: url, GATEWAY_PORT: `${port}` });
});
afterAll(async () => {
  await gateway?.close();
  await Promise.all([db?.$disconnect(), owner?.end()]);
  await database?.drop();
});

test('the program in the README enrols, waits to be accepted, and authenticates with its key', async () => {
  const [, program = ''] =
    /```js\n(\/\/ enrol\.mjs[\s\S]*?)```/.exec(
      readFileSync(path.join(root, 'README.md'), 'utf8'),
    ) ?? [];
  expect(program).toContain('/v1/enrolments');
  const person = await setUpOrganisation(owner);
  const places = await addPlaces(owner);
  await switchEnrolment(owner, true);
  const code = await addCode(owner, { person, ...places });
  const cwd = mkdtempSync(path.join(folder, 'enrol-'));
  try {
    writeFileSync(path.join(cwd, 'enrol.mjs'), program);
    const env = {
      PATH: process.env.PATH,
      NODE_ENV: 'production' as const,
      GATEWAY_URL: url,
      ENROLMENT_CODE: code,
    };
    const running = run(process.execPath, ['enrol.mjs', 'returns-agent'], {
      cwd,
      timeout: 50_000,
      env,
    });
    let asked = null;
    for (let tries = 0; asked === null && tries < 100; tries += 1) {
      asked = await db.enrolment.findFirst({ select: { id: true, thumbprint: true } });
      await sleep(100);
    }
    const { id, thumbprint } = asked ?? { id: '', thumbprint: '' };
    const { identity } = await acceptEnrolment(
      { db, actor: actorOf({ id: person }), scope: scopeOf({ id: person }), now: new Date() },
      {
        ...{ id, ownerId: person, sponsorId: person, teamId: places.team, zoneId: places.zone },
        reason: 'The thumbprints are the same.',
      },
    );
    const { stdout } = await running;
    expect(stdout.replaceAll(' ', '')).toContain(thumbprint);
    expect(stdout).toContain('Registered as returns-agent; its first span is in the log.');
    const { rows } = await owner.query('SELECT identity, vantage, name FROM interaction');
    expect(rows).toEqual([{ identity: identity.id, vantage: 'self', name: 'started' }]);
    // Started again it does not ask anew.
    await run(process.execPath, ['enrol.mjs', 'returns-agent'], { cwd, timeout: 20_000, env });
    expect(await db.enrolment.count()).toBe(1);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}, 90_000);
