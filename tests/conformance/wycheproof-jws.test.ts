import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isSignedBy, readSigned } from '@/lib/identities/proofs/compact-jws';
import { keyOf, readKeySet } from '@/lib/identities/proofs/key-set';

type Jwk = Record<string, unknown>;
type Vector = { tcId: number; comment: string; jws: unknown; result: 'valid' | 'invalid' };
type Group = { comment: string; public?: Jwk; private?: Jwk; tests: Vector[] };

/** Vectors of C2SP/wycheproof, which others wrote: every signature that must not hold, and those that must. */
const folder = [
  process.env.SALLYPORT_DATASETS,
  path.join(import.meta.dirname, '../../../shared/data'),
]
  .filter((each) => each !== undefined)
  .map((each) => path.join(each, 'wycheproof'))
  .find((each) => existsSync(each));

const groupsOf = (name: string): Group[] =>
  folder === undefined ? [] : JSON.parse(readFileSync(path.join(folder, name), 'utf8')).testGroups;

/** Nothing that is symmetric is a public key: those groups have none, so nothing of them can hold. */
const publicOf = ({ public: given, private: held }: Group): unknown[] =>
  given !== undefined
    ? Array.isArray(given.keys)
      ? given.keys
      : [given]
    : held === undefined
      ? []
      : Array.isArray(held.keys)
        ? held.keys
        : [held];

async function isTaken({ jws }: Vector, keys: unknown[]): Promise<boolean> {
  if (typeof jws !== 'string') return false;
  const read = readSigned(jws);
  if (!read.ok) return false;
  const key = keyOf(readKeySet({ keys }) ?? [], read.value);
  return key.ok && (await isSignedBy(read.value, key.value));
}

/** Valid ones that are refused on purpose. */
function isBeyondUs({ comment, jws }: Vector, keys: unknown[]): boolean {
  const { alg } = JSON.parse(Buffer.from(String(jws).split('.')[0] ?? '', 'base64url').toString());
  // Symmetric, or without claims, which no JWT is, or by a key whose own alg is another.
  return (
    alg.startsWith('HS') ||
    comment === 'emptyPayload' ||
    keys.every((key) => (key as Jwk).alg !== undefined && (key as Jwk).alg !== alg)
  );
}

describe.skipIf(folder === undefined)('the vectors of wycheproof', () => {
  // Signatures that were forged, or of a form or by a key that is not taken, would prove an identity.
  test.each([
    ['json_web_signature_test.json', 401, 26],
    ['json_web_key_test.json', 26, 1],
  ])('%s: what is invalid is refused, what is valid holds', async (name, all, valid) => {
    const judged = { all: 0, valid: 0, wrong: [] as string[] };
    for (const group of groupsOf(name)) {
      const keys = publicOf(group);
      for (const vector of group.tests) {
        const is = await isTaken(vector, keys);
        judged.all += 1;
        if (is) judged.valid += 1;
        if (is !== (vector.result === 'valid') && (is || !isBeyondUs(vector, keys)))
          judged.wrong.push(`${vector.tcId} ${vector.comment}`);
      }
    }
    expect(judged).toEqual({ all, valid, wrong: [] });
  });
});
