import { constants, createHash, timingSafeEqual, verify } from 'node:crypto';
import { type BareItem, type InnerList, parseDictionary } from 'structured-headers';
import { type SignatureAlgorithm, toleranceSeconds, type Verifier } from '../schema';
import { judgeStamp, type Message, not, type Signed } from './outcome';
import { coveredBy, isInnerList, signatureBaseOf } from './signature-base';

type Rule = Omit<Extract<Verifier, { kind: 'message_signatures' }>, 'kind'>;
type Key = Rule['keys'][number];

const signaturesMax = 10;
const headerMax = 16_384;

/**
 * Verifies a request by HTTP Message Signatures (RFC 9421): one signature of a registered key, with `created`, over all
 * components that must be signed and, where there is a body, over its digest (RFC 9530). The first that holds counts;
 * else the first refusal of one by a registered key.
 */
export function verifyHttpSignature(message: Message, rule: Rule, nowSeconds: number): Signed {
  const read = signaturesOf(message);
  if (!read.ok) return read.refusal;
  let refusal: Signed | null = null;
  for (const { input, signature } of read.pairs) {
    const signed = judgeOne(message, { input, signature }, rule, nowSeconds);
    if (signed.ok) return signed;
    if (refusal === null || (!refusal.ok && refusal.reason === 'unknown_key')) refusal = signed;
  }
  return refusal ?? not('missing');
}

type Pair = { input: InnerList; signature: Buffer };
type Read = { ok: true; pairs: Pair[] } | { ok: false; refusal: Signed };

function signaturesOf({ headers }: Message): Read {
  const text = (name: string) => headers.get(name)?.join(', ') ?? '';
  const [inputs, signatures] = [text('signature-input'), text('signature')];
  const stop = (refusal: Signed): Read => ({ ok: false, refusal });
  if (inputs === '' || signatures === '') return stop(not('missing'));
  if (inputs.length > headerMax || signatures.length > headerMax) return stop(not('malformed'));
  try {
    const found = parseDictionary(signatures);
    const listed = [...parseDictionary(inputs)];
    if (listed.length > signaturesMax) return stop(not('malformed'));
    const pairs = listed.flatMap(([label, input]) => {
      const signature = found.get(label)?.[0];
      return isInnerList(input) && signature instanceof ArrayBuffer
        ? [{ input, signature: Buffer.from(signature) }]
        : [];
    });
    return pairs.length === 0 ? stop(not('malformed')) : { ok: true, pairs };
  } catch {
    return stop(not('malformed'));
  }
}

function judgeOne(
  message: Message,
  { input, signature }: Pair,
  { keys, components }: Rule,
  nowSeconds: number,
): Signed {
  const params = input[1];
  const keyid = params.get('keyid');
  const key = keys.find((each) => each.keyid === keyid);
  if (key === undefined) return not('unknown_key', typeof keyid === 'string' ? keyid : null);
  const refuse = (reason: Parameters<typeof not>[0]) => not(reason, key.keyid);
  const alg = params.get('alg');
  if (alg !== undefined && alg !== key.algorithm) return refuse('wrong_algorithm');
  const covered = coveredBy(input);
  const needed = message.body.length > 0 ? [...components, 'content-digest'] : components;
  if (!needed.every((each) => covered.has(each))) return refuse('not_covered');
  const created = secondsOf(params.get('created'));
  if (created === null) return refuse('malformed');
  const late = judgeStamp(created, { nowSeconds, toleranceSeconds });
  if (late !== null) return refuse(late);
  if (params.has('expires')) {
    const expires = secondsOf(params.get('expires'));
    if (expires === null) return refuse('malformed');
    if (expires <= nowSeconds) return refuse('too_old');
  }
  const base = baseOf(message, input);
  if (base === null) return refuse('malformed');
  if (!isSignedBy(key, base, signature)) return refuse('invalid');
  if (covered.has('content-digest') && !isDigest(message)) return refuse('digest_mismatch');
  const nonce = params.get('nonce');
  const id =
    typeof nonce === 'string'
      ? `nonce ${key.keyid} ${nonce}`
      : `base ${createHash('sha256').update(base).digest('base64')}`;
  return { ok: true, keyid: key.keyid, id, stamp: created };
}

const secondsOf = (value: BareItem | undefined): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;

function baseOf(message: Message, input: InnerList): string | null {
  try {
    return signatureBaseOf(message, input);
  } catch {
    return null;
  }
}

/** Section 3.3. A key of another kind than its algorithm was refused when it was registered. */
export function isSignedBy(
  { algorithm, publicKey }: Pick<Key, 'algorithm' | 'publicKey'>,
  base: string,
  signature: Buffer,
): boolean {
  const { hash, ...options } = parametersOf[algorithm];
  try {
    return verify(hash, Buffer.from(base), { key: publicKey, ...options }, signature);
  } catch {
    return false;
  }
}

const parametersOf: Record<
  SignatureAlgorithm,
  { hash: string | null; dsaEncoding?: 'ieee-p1363'; padding?: number; saltLength?: number }
> = {
  ed25519: { hash: null },
  'ecdsa-p256-sha256': { hash: 'sha256', dsaEncoding: 'ieee-p1363' },
  'rsa-pss-sha512': { hash: 'sha512', padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 },
};

const digests = { 'sha-256': 'sha256', 'sha-512': 'sha512' } as const;

/** RFC 9530, section 2: every digest of a kind that is taken must be that of the body, and one such must be there. */
function isDigest({ headers, body }: Message): boolean {
  try {
    const said = parseDictionary(headers.get('content-digest')?.join(', ') ?? '');
    const known = Object.entries(digests).flatMap(([name, hash]) => {
      const value = said.get(name)?.[0];
      return value === undefined ? [] : [{ hash, value }];
    });
    return (
      known.length > 0 &&
      known.every(({ hash, value }) => {
        const digest = createHash(hash).update(body).digest();
        return (
          value instanceof ArrayBuffer &&
          value.byteLength === digest.length &&
          timingSafeEqual(Buffer.from(value), digest)
        );
      })
    );
  } catch {
    return false;
  }
}
