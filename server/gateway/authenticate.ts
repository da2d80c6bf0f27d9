import { timingSafeEqual } from 'node:crypto';
import { AppError } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { secretHash } from '@/lib/core/secrets';
import type { Queryable } from '@/lib/db/pool';
import {
  findIngestKeyHolder,
  type IngestKeyHolder,
  noteCredentialUsed,
} from '@/lib/identities/queries';

const NOTE_EVERY_MS = 60_000;
const NOTED_MAX = 10_000;
const BEARER = /^Bearer ([\x21-\x7e]{1,512})$/i;
const HINT =
  'Send "authorization: Bearer slp_ik_…" with an ingest key; `sallyport identities create` makes one.';

/**
 * Whose ingest key a request carries. Asked of the database for each request, so that a revoked key is
 * refused at the next one; requests that ask for the same key at the same moment share one answer.
 */
export class IngestKeys {
  private readonly underWay = new Map<string, Promise<IngestKeyHolder | null>>();
  private readonly notedMs = new Map<string, number>();
  private readonly db: Queryable;

  constructor(db: Queryable) {
    this.db = db;
  }

  /** Throws `unauthenticated` with what to do about it; `unavailable` when the database cannot tell. */
  async authenticate(header: string | undefined, now: Date): Promise<IngestKeyHolder> {
    if (header === undefined)
      throw new AppError('unauthenticated', `This needs an ingest key. ${HINT}`);
    const secret = BEARER.exec(header)?.[1];
    if (secret === undefined)
      throw new AppError(
        'unauthenticated',
        `The authorization header is not a bearer token. ${HINT}`,
      );
    if (secret.startsWith('slp_ak_'))
      throw new AppError(
        'unauthenticated',
        `That is an API key: it manages by /api/v1 and sends no telemetry. ${HINT}`,
      );
    const hash = secretHash(secret);
    const holder = await this.find(hash);
    if (holder === null || !timingSafeEqual(holder.hash, hash))
      throw new AppError('unauthenticated', `This ingest key is unknown. ${HINT}`);
    if (holder.revokedAt !== null)
      throw new AppError('unauthenticated', 'This ingest key was revoked. Create another one.');
    if (holder.expiresAt <= now)
      throw new AppError('unauthenticated', 'This ingest key has expired. Create another one.');
    if (holder.state !== 'active')
      throw new AppError(
        'forbidden',
        `The identity of this key is ${holder.state}: it may not send telemetry.`,
      );
    return holder;
  }

  /** Notes once a minute that a key was used; a page shows it, so nothing waits for it. */
  noteUse({ credential }: IngestKeyHolder, now: Date): void {
    if (now.getTime() - (this.notedMs.get(credential) ?? 0) < NOTE_EVERY_MS) return;
    if (this.notedMs.size >= NOTED_MAX) this.notedMs.clear();
    this.notedMs.set(credential, now.getTime());
    noteCredentialUsed(this.db, credential).catch((error) =>
      logEvent('credential_use_not_noted', { error }),
    );
  }

  private async find(hash: Buffer): Promise<IngestKeyHolder | null> {
    const key = hash.toString('latin1');
    let answer = this.underWay.get(key);
    if (answer === undefined) {
      answer = findIngestKeyHolder(this.db, hash).finally(() => this.underWay.delete(key));
      this.underWay.set(key, answer);
    }
    try {
      return await answer;
    } catch (error) {
      throw new AppError(
        'unavailable',
        'The key cannot be checked just now. Send this again later.',
        { retryAfterSeconds: 1, cause: error },
      );
    }
  }
}
