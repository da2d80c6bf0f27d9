import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Config, parseConfig } from '@/lib/core/config';
import { SCHEMA_VERSION } from '@/lib/db/schema-version';

test('.env.example lists exactly the keys that are read', () => {
  const example = readFileSync('.env.example', 'utf8');
  const keys = [...example.matchAll(/^([A-Z0-9_]+)=/gm)].map(([, key]) => key);
  expect([...keys].sort()).toEqual(Object.keys(Config.shape).sort());
});

test('.env.example as it is, all blank, is a usable environment', () => {
  const blank = Object.fromEntries(Object.keys(Config.shape).map((key) => [key, '']));
  expect(parseConfig(blank).PORT).toBe(3000);
});

test('every problem of the environment is told at once', () => {
  const problems = { PORT: 'x', SALLYPORT_KEK: 'short', CONTENT: 'some' };
  expect(() => parseConfig(problems)).toThrow(/PORT[\s\S]*SALLYPORT_KEK[\s\S]*CONTENT/);
});

test('the code asks for the newest migration there is', () => {
  const migrations = readdirSync('prisma/migrations').filter((name) => /^\d/.test(name));
  expect(SCHEMA_VERSION).toBe(migrations.sort().at(-1));
});
