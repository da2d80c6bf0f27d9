import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import { type Case, cases as casesOfInventory } from '../support/scoped-reads';
import { credentialCases } from '../support/scoped-reads-of-credentials';
import { externalCases } from '../support/scoped-reads-of-external';
import { peopleCases, unnarrowed } from '../support/scoped-reads-of-people';
import { resourceCases } from '../support/scoped-reads-of-resources';
import { all, foreign, ofAlfa, openReads } from '../support/scoped-world';

const cases: Record<string, Case> = {
  ...casesOfInventory,
  ...externalCases,
  ...credentialCases,
  ...peopleCases,
  ...resourceCases,
};
let reads: { close(): Promise<void> };
beforeAll(async () => {
  reads = await openReads();
});
afterAll(() => reads?.close());

/** What a read answers, as text: an expected refusal is an answer too. */
async function answerOf({ read }: Case, scope: ReadScope): Promise<unknown> {
  try {
    return await read(scope);
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => {
    if (each instanceof Map) return [...each];
    return typeof each === 'bigint' ? String(each) : each;
  }) ?? '';

describe('whoever sees one team is told of nobody else by', () => {
  // In this order: the one that sends more comes when what is counted has been.
  const sending = 'tail/open startLooking';
  const names = [...Object.keys(cases).filter((name) => name !== sending), sending];
  test.each(names)('%s', async (name) => {
    const each = cases[name];
    if (each === undefined) throw new Error('there is no such case');
    const [forAll, ours] = [await answerOf(each, all), await answerOf(each, ofAlfa)];
    const told = foreign.filter((word) => textOf(ours).includes(word));
    expect(told).toEqual([]);
    if (each.is === 'tells')
      expect(foreign.filter((word) => textOf(forAll).includes(word))).not.toEqual([]);
    else if (each.is === 'counts')
      expect({ all: forAll, ours }).toEqual({ all: each.all, ours: each.ours });
    else expect(textOf(ours)).toBe(textOf(forAll));
  });
});

it('every read that takes a scope is among them, or says why it need not be', () => {
  const found = ['inventory', 'people', 'identities', 'delivery', 'zones', 'resources'].flatMap(
    scopedReads,
  );
  const listed = [...Object.keys(cases), ...Object.keys(unnarrowed)];
  expect(listed.sort()).toEqual(found.sort());
});

const opensDatabase = /\b(?:Queryable|Pool|PrismaClient|Opening|Reading)\b/;

/** Whatever a domain exports that takes a ReadScope first and can ask a database. */
function scopedReads(domain: string): string[] {
  const root = path.resolve(import.meta.dirname, '../../lib', domain);
  // Those of lib/inventory go by their place in it.
  const place = domain === 'inventory' ? '' : `${domain}/`;
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => {
      const source = readFileSync(path.join(root, file), 'utf8');
      const found = source.matchAll(
        /^export (?:async )?(?:function\*?|const) (\w+)(?: = (?:async )?)?(\((?:[^()]|\([^()]*\))*\))/gm,
      );
      return [...found]
        .filter(([, , given = '']) => /^\(\s*(?:\w+|\{[^}]*\}): ReadScope\b/.test(given))
        .filter(([, , given = '']) => opensDatabase.test(given))
        .map(([, name]) => `${place}${file.replace(/\.ts$/, '')} ${name}`);
    });
}
