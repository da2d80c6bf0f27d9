import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Config, parseConfig } from '@/lib/core/config';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { SCHEMA_VERSION } from '@/lib/db/schema-version';
import { contentKeyOf, environmentOf } from '../server/environment.mjs';

test('.env.example lists exactly the keys that are read', () => {
  const example = readFileSync('.env.example', 'utf8');
  const keys = [...example.matchAll(/^([A-Z0-9_]+)=/gm)].map(([, key]) => key);
  expect([...keys].sort()).toEqual(Object.keys(Config.shape).sort());
});

test('.env.example as it is, all blank, is a usable environment', () => {
  const blank = Object.fromEntries(Object.keys(Config.shape).map((key) => [key, '']));
  expect(parseConfig(blank).PORT).toBe(3000);
});

test('what starts the worker derives the content key that the others derive', () => {
  const kek = Buffer.alloc(32, 5);
  expect(contentKeyOf(kek.toString('base64'))).toBe(
    keyEncryptionKeyOf(kek).derive('content').toString('base64'),
  );
});

test('the worker is started without the key-encryption key', () => {
  const kek = Buffer.alloc(32, 5).toString('base64');
  const given = { databaseUrl: 'postgresql://x', kek, dataDir: 'data' };
  expect(environmentOf('worker', given)).toMatchObject({
    SALLYPORT_KEK: '',
    SALLYPORT_CONTENT_KEY: contentKeyOf(kek),
  });
  for (const name of ['gateway', 'console'] as const)
    expect(environmentOf(name, given)).toMatchObject({
      SALLYPORT_KEK: kek,
      SALLYPORT_CONTENT_KEY: '',
    });
});

test('only the console is told how it signs in elsewhere', () => {
  process.env.OIDC_CLIENT_SECRET = 'a secret';
  const given = { databaseUrl: 'postgresql://x', kek: 'x', dataDir: 'data' };
  const told = (['console', 'gateway', 'worker'] as const).map(
    (name) => environmentOf(name, given).OIDC_CLIENT_SECRET,
  );
  delete process.env.OIDC_CLIENT_SECRET;
  expect(told).toEqual(['a secret', '', '']);
});

test('every key of single sign-on reaches the console', () => {
  const keys = Object.keys(Config.shape).filter((key) => key.startsWith('OIDC_'));
  for (const key of keys) process.env[key] = key;
  const env: Record<string, string | undefined> = environmentOf('console', {
    databaseUrl: 'postgresql://x',
    kek: 'x',
    dataDir: 'data',
  });
  for (const key of keys) delete process.env[key];
  expect(keys).toHaveLength(8);
  for (const key of keys) expect(env[key]).toBe(key);
});

test('every problem of the environment is told at once', () => {
  const problems = { PORT: 'x', SALLYPORT_KEK: 'short', CONTENT: 'some' };
  expect(() => parseConfig(problems)).toThrow(/PORT[\s\S]*SALLYPORT_KEK[\s\S]*CONTENT/);
});

test('the code asks for the newest migration there is', () => {
  const migrations = readdirSync('prisma/migrations').filter((name) => /^\d/.test(name));
  expect(SCHEMA_VERSION).toBe(migrations.sort().at(-1));
});
