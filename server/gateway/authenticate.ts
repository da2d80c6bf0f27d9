import { AppError } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { refused } from '@/lib/core/result';
import type { Queryable } from '@/lib/db/pool';
import { provedByBearer } from '@/lib/identities/proofs/bearer';
import type { Caller, Presented, ProofRefusal, Proved } from '@/lib/identities/proofs/schema';
import { stillHolds } from '@/lib/identities/proofs/still-holds';
import { noteCredentialUsed } from '@/lib/identities/queries';
import type { KnownIdentity } from '@/lib/identities/state/schema';
import type { RegistryWatch } from './registry-watch';

const NOTE_EVERY_MS = 60_000;
const NOTED_MAX = 10_000;
const BEARER = /^Bearer ([\x21-\x7e]{1,16384})$/i;
const HINT =
  'Send "authorization: Bearer slp_ik_…" with an ingest key; `sallyport identities create` makes one.';

/** A proof that is not taken: its reason is told to the log, its sentence to whoever sent it. */
export class ProofError extends AppError {
  readonly reason: ProofRefusal;
  readonly identity: string | null;

  constructor(reason: ProofRefusal, message: string, identity: string | null = null) {
    super(reason === 'stopped' ? 'forbidden' : 'unauthenticated', message);
    this.reason = reason;
    this.identity = identity;
  }
}

/**
 * Who sent a request: each proof that it shows must hold, and all must mean one active identity. Asked of each request,
 * never of a connection, and of the registry in memory, which is a tenth of a second old at most.
 */
export class Authenticator {
  private readonly notedMs = new Map<string, number>();
  private readonly db: Queryable;
  private readonly watch: RegistryWatch;

  constructor(db: Queryable, watch: RegistryWatch) {
    this.db = db;
    this.watch = watch;
  }

  /**
   * Throws a ProofError with what to do about it; `unavailable` when the registry cannot be read. What is unknown is
   * looked for once more in the database: it may have been registered a moment ago.
   */
  async authenticate(presented: Presented, now: Date): Promise<Caller> {
    this.watch.refuseIfStale();
    const known = await this.prove(presented, now);
    if (known.ok || known.reason !== 'unknown') return this.settle(known, presented, now);
    await this.refresh();
    return this.settle(await this.prove(presented, now), presented, now);
  }

  /** Notes once a minute that a credential was used; a page shows it, so nothing waits for it. */
  noteUse({ proofs }: Caller, now: Date): void {
    for (const { id } of proofs) {
      if (now.getTime() - (this.notedMs.get(id) ?? 0) < NOTE_EVERY_MS) continue;
      if (this.notedMs.size >= NOTED_MAX) this.notedMs.clear();
      this.notedMs.set(id, now.getTime());
      noteCredentialUsed(this.db, id).catch((error) =>
        logEvent('credential_use_not_noted', { error }),
      );
    }
  }

  private async prove({ authorization }: Presented, _now: Date): Promise<Proved> {
    if (authorization === undefined) return refused('missing', `This needs an ingest key. ${HINT}`);
    const secret = BEARER.exec(authorization)?.[1];
    if (secret === undefined)
      return refused('malformed', `The authorization header is not a bearer token. ${HINT}`);
    return provedByBearer(this.watch.state, secret);
  }

  private settle(proved: Proved, { address }: Presented, now: Date): Caller {
    const held = proved.ok ? stillHolds(proved.value, now.getTime()) : proved;
    if (!held.ok)
      throw new ProofError(held.reason, held.message, proved.ok ? proved.value.identity : null);
    const identity = this.watch.state.identity(held.value.identity);
    if (identity === undefined) throw new ProofError('unknown', 'This identity is not registered.');
    if (identity.state !== 'active')
      throw new ProofError('stopped', stoppedSays(identity), identity.id);
    return { identity, proofs: [held.value], address };
  }

  private async refresh(): Promise<void> {
    try {
      await this.watch.refresh();
    } catch (error) {
      throw new AppError(
        'unavailable',
        'The key cannot be checked just now. Send this again later.',
        { retryAfterSeconds: 1, cause: error },
      );
    }
  }
}

function stoppedSays({ name, state, stateReason }: KnownIdentity): string {
  const why = stateReason === null ? '' : ` Reason: ${stateReason}`;
  return `The identity ${name} is ${state}: it may not send telemetry.${why}`;
}
