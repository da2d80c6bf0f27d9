import { AppError, type ErrorCode } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { refused } from '@/lib/core/result';
import type { Queryable } from '@/lib/db/pool';
import { usedFrom } from '@/lib/identities/credentials/used-from';
import { provedByAuthorization } from '@/lib/identities/proofs/authorization';
import { provedByCertificate } from '@/lib/identities/proofs/certificate';
import { placementsOf } from '@/lib/identities/proofs/placement';
import type { Caller, Presented, ProofRefusal, Proved } from '@/lib/identities/proofs/schema';
import { stillHolds } from '@/lib/identities/proofs/still-holds';
import type { TokenProver } from '@/lib/identities/proofs/token';
import { VerifiedChains } from '@/lib/identities/proofs/x509/verified-chains';
import { noteCredentialUsed } from '@/lib/identities/queries';
import type { KnownCredential, KnownIdentity } from '@/lib/identities/state/schema';
import type { RegistryWatch } from './registry-watch';

const NOTE_EVERY_MS = 60_000;
const NOTED_MAX = 10_000;
const HINT =
  'Show a certificate on the TLS port, or send "authorization: Bearer slp_ik_…" with an ingest key; `sallyport identities create` makes one.';

const KEYS_RETRY_SECONDS = 30;
/** What is not said here is that nobody knows who asks. */
const codeOf: Partial<Record<ProofRefusal, ErrorCode>> = {
  stopped: 'forbidden',
  // Whoever sends keeps what it has and comes back: an issuer that is down must not lose telemetry.
  keys_unavailable: 'unavailable',
};

/** A proof that is not taken: its reason is told to the log, its sentence to whoever sent it. */
export class ProofError extends AppError {
  readonly reason: ProofRefusal;
  /** What showed it, as far as that is known. */
  readonly credential: KnownCredential | null;

  constructor(reason: ProofRefusal, message: string, credential: KnownCredential | null = null) {
    super(codeOf[reason] ?? 'unauthenticated', message, {
      ...(codeOf[reason] === 'unavailable' ? { retryAfterSeconds: KEYS_RETRY_SECONDS } : {}),
    });
    this.reason = reason;
    this.credential = credential;
  }
}

/**
 * Who sent a request: each proof that it shows must hold, and all must mean one active identity. Asked of each request,
 * never of a connection, and of the registry in memory, which is a tenth of a second old at most.
 */
export class Authenticator {
  private readonly notedMs = new Map<string, number>();
  private readonly chains = new VerifiedChains();
  private readonly db: Queryable;
  private readonly watch: RegistryWatch;
  private readonly tokens: TokenProver;

  constructor(db: Queryable, watch: RegistryWatch, tokens: TokenProver) {
    this.db = db;
    this.watch = watch;
    this.tokens = tokens;
  }

  /**
   * Throws a ProofError with what to do about it; `unavailable` when the registry cannot be read. What is unknown is
   * looked for once more in the database: it may have been registered a moment ago.
   */
  async authenticate(presented: Presented, now: Date): Promise<Caller> {
    this.watch.refuseIfStale();
    const proved = await this.prove(presented, now);
    if (!proved.some((each) => !each.ok && each.reason === 'unknown'))
      return this.settle(proved, presented, now);
    await this.refresh();
    return this.settle(await this.prove(presented, now), presented, now);
  }

  /** Notes once a minute that a credential was used, and whence; a page shows it, so nothing waits for it. */
  noteUse({ proofs, address }: Caller, now: Date): void {
    const network = usedFrom(address, this.watch.state.networks());
    for (const { id } of proofs) {
      const use = `${id} ${network}`;
      if (now.getTime() - (this.notedMs.get(use) ?? 0) < NOTE_EVERY_MS) continue;
      if (this.notedMs.size >= NOTED_MAX) this.notedMs.clear();
      this.notedMs.set(use, now.getTime());
      noteCredentialUsed(this.db, id, network).catch((error) =>
        logEvent('credential_use_not_noted', { error }),
      );
    }
  }

  /** What each thing that a request shows proves, the strongest first; a refusal alone when it shows nothing. */
  private async prove(
    { certificates, authorization }: Presented,
    now: Date,
  ): Promise<readonly Proved[]> {
    const { tokens } = this;
    const { state } = this.watch;
    const proved: Proved[] = [];
    if (certificates !== null)
      proved.push(provedByCertificate(state, this.chains, certificates, now.getTime()));
    if (authorization !== undefined)
      proved.push(await provedByAuthorization({ state, tokens }, authorization, now.getTime()));
    return proved.length > 0
      ? proved
      : [refused('missing', `This needs a proof of who sends it. ${HINT}`)];
  }

  private settle(proved: readonly Proved[], { address, isProxy }: Presented, now: Date): Caller {
    const proofs = proved.map((each) => {
      const held = each.ok ? stillHolds(each.value, now.getTime()) : each;
      if (held.ok) return held.value;
      throw new ProofError(held.reason, held.message, each.ok ? each.value : null);
    });
    const [first] = proofs;
    const identity = first && this.watch.state.identity(first.identity);
    if (identity === undefined) throw new ProofError('unknown', 'This identity is not registered.');
    if (proofs.some((each) => each.identity !== identity.id))
      throw new ProofError(
        'disagree',
        'The proofs of this request mean different identities. Send those of one.',
        first,
      );
    if (identity.state !== 'active') throw new ProofError('stopped', stoppedSays(identity), first);
    const placed = isProxy ? [] : placementsOf(this.watch.state, proofs, address, now.getTime());
    return { identity, proofs: [...proofs, ...placed], address };
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
