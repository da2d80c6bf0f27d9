import { AppError } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { type Result, refused } from '@/lib/core/result';
import type { KnownIssuer } from '../state/schema';
import type { Signed } from './compact-jws';
import { type AskIssuer, fetchKeys } from './fetch-keys';
import { keyOf, readKeySet, type VerificationKey } from './key-set';

/** From then on they are asked for anew beside the requests, which wait for nothing. */
const REFRESH_MS = 5 * 60_000;
/** Older ones are not believed while the issuer can be asked. */
const AGE_MS_MAX = 10 * 60_000;
/** How long the last good ones are believed while it cannot: an outage of an issuer must not stop every workload at once. */
const OUTAGE_MS_MAX = 60 * 60_000;
/** How soon after an answer or a failure an issuer is asked again, whoever asks here. */
const COOL_DOWN_MS = 30_000;

type Kept = {
  readonly version: string;
  keys: readonly VerificationKey[];
  fetchedAtMs: number;
  askedAtMs: number;
  /** Why the last ask failed; null after an answer. */
  failure: string | null;
  underWay: Promise<void> | undefined;
};

/** The keys of issuers: those that were uploaded, or those found where they are published. */
export class IssuerKeys {
  private readonly kept = new Map<string, Kept>();
  private readonly options: AskIssuer;

  constructor(options: AskIssuer) {
    this.options = options;
  }

  /** The key that a token says it is signed with; for one that is not known yet the issuer is asked, five seconds at most. */
  async find(
    issuer: KnownIssuer,
    jws: Pick<Signed, 'alg' | 'kid'>,
    nowMs: number,
  ): Promise<Result<VerificationKey, 'keys_unavailable' | 'invalid'>> {
    const kept = this.of(issuer);
    if (nowMs - kept.fetchedAtMs > REFRESH_MS) this.ask(issuer, kept, nowMs);
    if (!isUsable(kept, nowMs)) await kept.underWay;
    if (!isUsable(kept, nowMs)) return unavailable(issuer, kept);
    const known = keyOf(kept.keys, jws);
    if (known.ok) return known;
    // Others would be the same, or there are none.
    if (known.reason === 'invalid' || issuer.jwksUrl === null)
      return refused('invalid', known.message);
    this.ask(issuer, kept, nowMs);
    await kept.underWay;
    // It may be a new one of theirs, which cannot be known just now.
    if (kept.failure !== null) return unavailable(issuer, kept);
    const found = keyOf(kept.keys, jws);
    return found.ok ? found : refused('invalid', found.message);
  }

  private of({ id, version, jwks }: KnownIssuer): Kept {
    const known = this.kept.get(id);
    if (known?.version === version) return known;
    const made: Kept = {
      version,
      keys: jwks === null ? [] : (readKeySet(jwks) ?? []),
      fetchedAtMs: jwks === null ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
      askedAtMs: Number.NEGATIVE_INFINITY,
      failure: null,
      underWay: undefined,
    };
    this.kept.set(id, made);
    return made;
  }

  /** Asks, unless it was asked a moment ago; all who wait share one ask. */
  private ask({ issuer, jwksUrl, name }: KnownIssuer, kept: Kept, nowMs: number): void {
    if (jwksUrl === null || kept.underWay !== undefined) return;
    if (nowMs - kept.askedAtMs < COOL_DOWN_MS) return;
    kept.askedAtMs = nowMs;
    kept.underWay = fetchKeys({ issuer, jwksUrl }, this.options)
      .then((keys) => {
        kept.keys = keys;
        kept.fetchedAtMs = nowMs;
        kept.failure = null;
      })
      .catch((error: unknown) => {
        kept.failure = error instanceof AppError ? error.message : 'Its keys cannot be had.';
        logEvent('issuer_keys_unavailable', { issuer: name, reason: kept.failure });
      })
      .finally(() => {
        kept.underWay = undefined;
      });
  }
}

function isUsable({ fetchedAtMs, failure }: Kept, nowMs: number): boolean {
  return nowMs - fetchedAtMs <= (failure === null ? AGE_MS_MAX : OUTAGE_MS_MAX);
}

const unavailable = ({ name }: KnownIssuer, { failure }: Kept) =>
  refused(
    'keys_unavailable',
    `Tokens of ${name} cannot be checked just now. ${failure ?? 'Its keys were not fetched.'} Send this again later.`,
  );
