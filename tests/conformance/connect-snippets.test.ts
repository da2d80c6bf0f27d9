import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { curlCommand } from '@/lib/inventory/connect/first-interaction';
import { getArrived } from '@/lib/inventory/connect/queries';
import type { Snippet } from '@/lib/inventory/connect/snippet';
import { wayOf, ways } from '@/lib/inventory/connect/ways';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { startModelServer } from '../support/model-server';
import { scopeOf } from '../support/people';

const run = promisify(execFile);
const scope = scopeOf({ roles: [] });
// Inside the repository, so that the packages a snippet imports are found as in a project of one's own.
const folder = path.join(import.meta.dirname, '../../dist/tests');

let database: TestDatabase;
let pool: Pool;
let gateway: TestGateway;
let model: { url: string; close(): void };

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  database = await createTestDatabase();
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  gateway = await startGateway(database);
  model = await startModelServer();
});
afterAll(async () => {
  model?.close();
  await gateway?.close();
  await pool?.end();
  await database?.drop();
});

async function target(service: string) {
  const { id, key } = await registerReporter(pool, { name: service });
  return { id, target: { gatewayUrl: gateway.url, grpcUrl: gateway.grpcUrl, key, service } };
}

/** A shell in which nothing is set but what the page says, and where the model is. */
const shell = (command: string, cwd: string) =>
  run('sh', ['-ec', command], {
    cwd,
    timeout: 50_000,
    env: {
      NODE_ENV: 'production',
      PATH: process.env.PATH,
      OPENAI_API_KEY: 'none',
      OPENAI_BASE_URL: model.url,
    },
  });

async function runAsShown(snippets: readonly Snippet[]): Promise<void> {
  const cwd = mkdtempSync(path.join(folder, 'snippet-'));
  try {
    for (const { file, code } of snippets)
      if (file !== undefined) writeFileSync(path.join(cwd, file), code);
    const commands = snippets.filter(({ title }) => /^(Run$|Shell|The same over gRPC)/.test(title));
    await shell(commands.map(({ code }) => code).join('\n'), cwd);
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

const runnable = ways.flatMap((way) =>
  way.forms
    .filter(({ id }) => id === 'javascript')
    .map((form) => ({ name: `${way.title}, ${form.title}`, id: way.id, form })),
);

const arrivedOf = async (identity: string) => {
  const place = { madeAt: new Date(0), heads: new Map() };
  const look = await getArrived(scope, { identity, place, now: new Date() }, { db: pool });
  return look.arrived;
};

describe('what the page shows runs as it stands, and arrives with input, output and usage', () => {
  it('is every way that Node can run', () => {
    expect(runnable.map(({ id }) => id)).toEqual([
      'opentelemetry',
      'vercel-ai-sdk',
      'langchain',
      'openllmetry',
    ]);
  });

  it.each(runnable)('$name', async ({ id, form }) => {
    const made = await target(`agent-${id}`);
    await runAsShown(form.snippets(made.target));
    const arrived = await arrivedOf(made.id);
    expect(arrived).toMatchObject({ refused: 0, signals: ['trace'], otherNames: [] });
    expect(arrived.has).toEqual(expect.arrayContaining(['usage', 'input', 'output']));
    const { rows } = await pool.query(
      `SELECT identity, service, model, resource_kind, input_tokens::int, output_tokens::int
       FROM interaction WHERE reporter = $1 AND kind = 'inference'`,
      [made.id],
    );
    expect(rows).toEqual([
      {
        identity: made.id,
        service: `agent-${id}`,
        model: id === 'opentelemetry' ? 'first-model' : 'gpt-5-mini',
        resource_kind: 'model',
        input_tokens: 12,
        output_tokens: 5,
      },
    ]);
  });

  it('OpenTelemetry, over gRPC', async () => {
    const made = await target('agent-grpc');
    const [environment, javascript] = wayOf('opentelemetry').forms;
    const shell = environment?.snippets(made.target).filter(({ title }) => title.includes('gRPC'));
    const files = javascript?.snippets(made.target).filter(({ title }) => !/^Shell/.test(title));
    await runAsShown([...(shell ?? []), ...(files ?? [])]);
    expect(await arrivedOf(made.id)).toMatchObject({
      received: 1,
      has: ['usage', 'input', 'output', 'conversation'],
    });
  });

  it('curl', async () => {
    const made = await target("o'brien");
    for (let run = 0; run < 2; run += 1) await shell(curlCommand(made.target), folder);
    expect(await arrivedOf(made.id)).toMatchObject({
      received: 2,
      has: ['usage', 'input', 'output'],
    });
  });
});

it('what declares another name than its key’s is told as such', async () => {
  const made = await target('billing-agent');
  await shell(curlCommand({ ...made.target, service: 'someone-else' }), folder);
  expect(await arrivedOf(made.id)).toMatchObject({
    received: 1,
    otherNames: ['someone-else'],
  });
});
