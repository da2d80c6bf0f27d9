import { timingSafeEqual } from 'node:crypto';
import { Budget } from '@/lib/core/budget';
import { AppError } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { sourceOf } from '@/lib/core/network';
import { secretHash } from '@/lib/core/secrets';
import type { Queryable } from '@/lib/db/pool';
import { type ApiKeyHolder, findApiKey, noteApiKeyUsed } from '@/lib/people/api-keys/queries';
import type { Orphaned } from '@/lib/people/api-keys/schema';
import { isAddressIn } from '@/lib/people/networks/network-of';
import { ProofError } from '../authenticate';
import type { Refusal, Refusals } from '../refusals';

const NOTE_EVERY_MS = 60_000;
const REMEMBERED_MAX = 10_000;
const BEARER = /^Bearer ([\x21-\x7e]{1,512})$/i;
const HINT =
  'Send "authorization: Bearer slp_ak_…" with an API key; an administrator makes one under Settings, API keys.';

/** Wrong keys of one address that are answered with what is wrong. */
const wrongTries = { perSecond: 1 / 3, burst: 20 };
/** Keys that are still looked up for an address beyond that, so that right ones of its neighbours are found. */
const lookUps = { perSecond: 20, burst: 20 };
/** Requests with one key. */
const requests = { perSecond: 10, burst: 50 };

/**
 * Whose API key a request carries. Asked of the database for every single request and never shared between two, so
 * that a key that was revoked is refused at its next request on every gateway.
 */
export class ApiKeys {
  private readonly wrong = new Budget(wrongTries);
  private readonly lookedUp = new Budget(lookUps);
  private readonly used = new Budget(requests);
  /** Hashes of keys that were right, and when use of them was last noted. */
  private readonly notedMs = new Map<string, number>();
  private readonly db: Queryable;
  private readonly refusals: Refusals;

  constructor(db: Queryable, refusals: Refusals) {
    this.db = db;
    this.refusals = refusals;
  }

  /**
   * Throws `unauthenticated` or `forbidden` with what to do about it, `rate_limited` with the time to wait, and
   * `unavailable` when the database cannot tell.
   */
  async authenticate(
    header: string | undefined,
    address: string,
    now: Date,
  ): Promise<ApiKeyHolder> {
    const nowMs = now.getTime();
    const from = sourceOf(address);
    const wait = this.wrong.waitSeconds(from, nowMs);
    let holder: ApiKeyHolder | null = null;
    try {
      const hash = secretHash(secretOf(header));
      const known = hash.toString('latin1');
      if (wait > 0 && !this.notedMs.has(known) && !this.lookedUp.take(from, nowMs))
        throw tooManyWrong(wait);
      holder = await this.find(hash);
      judge(holder, hash, address, now);
      if (!this.used.take(holder.id, nowMs))
        throw tooMany(
          `This key makes more than ${requests.perSecond} requests a second.`,
          this.used.waitSeconds(holder.id, nowMs),
        );
      this.noteUse(holder.id, known, nowMs);
      return holder;
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      this.refusals.note(refusalOf(error, address, holder), nowMs);
      if (this.wrong.take(from, nowMs)) throw error;
      throw tooManyWrong(wait);
    }
  }

  /** Judges it anew once a body is there, which may have been held back; it is one request all the same. */
  async refuseUnlessStill(
    header: string | undefined,
    address: string,
    now: Date,
  ): Promise<ApiKeyHolder> {
    let holder: ApiKeyHolder | null = null;
    try {
      const hash = secretHash(secretOf(header));
      holder = await this.find(hash);
      judge(holder, hash, address, now);
      return holder;
    } catch (error) {
      if (error instanceof ProofError)
        this.refusals.note(refusalOf(error, address, holder), now.getTime());
      throw error;
    }
  }

  /** A page shows when a key was last used, to the minute, so nothing waits for it. */
  private noteUse(id: string, known: string, nowMs: number): void {
    if (nowMs - (this.notedMs.get(known) ?? 0) < NOTE_EVERY_MS) return;
    if (this.notedMs.size >= REMEMBERED_MAX) this.notedMs.clear();
    this.notedMs.set(known, nowMs);
    noteApiKeyUsed(this.db, id).catch((error) => logEvent('api_key_use_not_noted', { error }));
  }

  private async find(hash: Buffer): Promise<ApiKeyHolder | null> {
    try {
      return await findApiKey(this.db, hash);
    } catch (error) {
      throw new AppError(
        'unavailable',
        'The key cannot be checked just now. Send this again later.',
        { retryAfterSeconds: 1, cause: error },
      );
    }
  }
}

function secretOf(header: string | undefined): string {
  if (header === undefined) throw new ProofError('missing', `This needs an API key. ${HINT}`);
  const secret = BEARER.exec(header)?.[1];
  if (secret === undefined)
    throw new ProofError('malformed', `The authorization header is not a bearer token. ${HINT}`);
  if (secret.startsWith('slp_ik_'))
    throw new ProofError(
      'unknown',
      `That is an ingest key: it sends telemetry and manages nothing. ${HINT}`,
    );
  return secret;
}

function judge(
  holder: ApiKeyHolder | null,
  hash: Buffer,
  address: string,
  now: Date,
): asserts holder is ApiKeyHolder {
  if (holder === null || !timingSafeEqual(holder.hash, hash))
    throw new ProofError('unknown', `This API key is unknown. ${HINT}`);
  if (holder.revokedAt !== null)
    throw new ProofError(
      'revoked',
      'This API key was revoked. An administrator makes another one.',
    );
  if (holder.expiresAt <= now)
    throw new ProofError(
      'expired',
      'This API key has expired. An administrator makes another one.',
    );
  if (holder.orphaned !== null) throw new ProofError('revoked', orphanedSays[holder.orphaned]);
  if (holder.cidrs !== null && !isAddressIn(address, holder.cidrs))
    throw new ProofError(
      'wrong_network',
      `This API key may not be used from ${address}: it is bound to named networks that do not hold it.`,
    );
}

const orphanedSays: Record<Orphaned, string> = {
  left: 'Whoever made this API key has left. An administrator makes another one.',
  role: 'Whoever made this API key is no administrator any more. An administrator makes another one.',
  reach:
    'This API key reads of all teams, and whoever made it does not see them all any more. An administrator who does makes another one.',
};

/** What is told of it; of the key its id, once it is known. */
const refusalOf = (
  { reason, message }: ProofError,
  address: string,
  holder: ApiKeyHolder | null,
): Refusal => ({
  reason,
  address,
  presented: reason === 'missing' ? 'nothing' : 'api_key',
  detail: message,
  identity: null,
  credential: null,
  apiKey: holder?.id ?? null,
  thumbprint: null,
});

const tooManyWrong = (seconds: number) =>
  tooMany('Too many wrong keys from this address.', Math.max(1, seconds));

const tooMany = (what: string, retryAfterSeconds: number) =>
  new AppError('rate_limited', `${what} Send this again after the time in Retry-After.`, {
    retryAfterSeconds,
  });
