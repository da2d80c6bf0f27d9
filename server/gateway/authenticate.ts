import { AppError, type ErrorCode } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { refused } from '@/lib/core/result';
import type { Queryable } from '@/lib/db/pool';
import type { CredentialKind } from '@/lib/identities/credentials/schema';
import { usedFrom } from '@/lib/identities/credentials/used-from';
import { provedByAuthorization } from '@/lib/identities/proofs/authorization';
import { provedByCertificate } from '@/lib/identities/proofs/certificate';
import { placementsOf } from '@/lib/identities/proofs/placement';
import type { Caller, Presented, ProofRefusal, Proved } from '@/lib/identities/proofs/schema';
import { stillProves } from '@/lib/identities/proofs/still-proves';
import type { TokenProver } from '@/lib/identities/proofs/token';
import { VerifiedChains } from '@/lib/identities/proofs/x509/verified-chains';
import { thumbprintOf } from '@/lib/identities/proofs/x509/verify-chain';
import { noteCredentialUsed } from '@/lib/identities/queries';
import type { KnownCredential, KnownIdentity } from '@/lib/identities/state/schema';
import type { Refusal, Refusals } from './refusals';
import type { RegistryWatch } from './registry-watch';
import { UseNotes } from './use-notes';

const HINT =
  'Show a certificate on the TLS port, or send "authorization: Bearer slp_ik_…" with an ingest key; `sallyport identities create` makes one.';

const KEYS_RETRY_SECONDS = 30;
/** What is not said here is that nobody knows who asks. */
const codeOf: Partial<Record<ProofRefusal, ErrorCode>> = {
  stopped: 'forbidden',
  wrong_network: 'forbidden',
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

type Options = { db: Queryable; watch: RegistryWatch; tokens: TokenProver; refusals: Refusals };

/**
 * Who sent a request: each proof that it shows must hold, and all must mean one active identity. Asked of each request,
 * never of a connection, and of the registry in memory, which is a tenth of a second old at most.
 */
export class Authenticator {
  private readonly notes = new UseNotes();
  private readonly chains = new VerifiedChains();
  private readonly db: Queryable;
  private readonly watch: RegistryWatch;
  private readonly tokens: TokenProver;
  private readonly refusals: Refusals;

  constructor({ db, watch, tokens, refusals }: Options) {
    this.db = db;
    this.watch = watch;
    this.tokens = tokens;
    this.refusals = refusals;
  }

  /**
   * Throws a ProofError with what to do about it; `unavailable` when the registry cannot be read. What is unknown is
   * looked for once more in the database: it may have been registered a moment ago.
   */
  async authenticate(presented: Presented, now: Date): Promise<Caller> {
    await this.watch.catchUp();
    this.watch.refuseIfStale();
    try {
      return await this.find(presented, now);
    } catch (error) {
      if (error instanceof ProofError)
        this.refusals.note(refusalOf(error, presented), now.getTime());
      throw error;
    }
  }

  /**
   * Who sends, by what is known now. Asked once the body is there: whoever was stopped while they held it back is refused
   * as at any request, or who was admitted before would keep a stock of admissions. Throws as `authenticate` does.
   */
  async refuseUnlessStill(caller: Caller, now: Date): Promise<Caller> {
    await this.watch.catchUp();
    this.watch.refuseIfStale();
    try {
      return this.judgeAgain(caller, now);
    } catch (error) {
      if (error instanceof ProofError)
        this.refusals.note(refusalAfter(error, caller), now.getTime());
      throw error;
    }
  }

  private judgeAgain({ proofs, address }: Caller, now: Date): Caller {
    const shown = proofs.filter(({ kind }) => kind !== 'placement');
    const placed = proofs.filter(({ kind }) => kind === 'placement').map(({ id }) => id);
    const proved = shown.map((each): Proved => ({ ok: true, value: each }));
    // Of a proxy's own address there were none, and none is added.
    const caller = this.settle(proved, { address, isProxy: placed.length === 0 }, now);
    return {
      ...caller,
      proofs: caller.proofs.filter(({ kind, id }) => kind !== 'placement' || placed.includes(id)),
    };
  }

  private async find(presented: Presented, now: Date): Promise<Caller> {
    const proved = await this.prove(presented, now);
    if (!proved.some((each) => !each.ok && each.reason === 'unknown'))
      return this.settle(proved, presented, now);
    await this.refresh();
    return this.settle(await this.prove(presented, now), presented, now);
  }

  /** Throws where what only a proxy says came from elsewhere: for routes that ask for no certificate. */
  refuseForged(presented: Presented, now: Date): void {
    const { certificates } = presented;
    if (certificates?.ok !== false) return;
    const error = new ProofError(certificates.reason, certificates.message);
    this.refusals.note(refusalOf(error, presented), now.getTime());
    throw error;
  }

  /** Notes once a minute that a credential was used, and whence; a page shows it, so nothing waits for it. */
  noteUse({ proofs, address }: Caller, now: Date): void {
    const network = usedFrom(address, this.watch.state.networks());
    for (const { id } of proofs) {
      if (!this.notes.take(id, network, now.getTime())) continue;
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

  private settle(
    proved: readonly Proved[],
    { address, isProxy }: Pick<Presented, 'address' | 'isProxy'>,
    now: Date,
  ): Caller {
    const proofs = proved.map((each) => {
      // As it is known now: a proof may have waited for the keys of its issuer.
      const held = each.ok ? stillProves(this.watch.state, each.value, now.getTime()) : each;
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
  return `The identity ${name} is ${state}: nothing that it sends is taken.${why}`;
}

/** What is told of it. Of what was shown its kind alone, and of a certificate its thumbprint: never a secret or a token. */
function refusalOf({ reason, message, credential }: ProofError, presented: Presented): Refusal {
  const { authorization, certificates, address } = presented;
  const [leaf] = certificates?.ok === true ? certificates.value : [];
  const shown = [
    certificates === null ? [] : ['certificate'],
    authorization === undefined ? [] : [/^basic /i.test(authorization) ? 'basic' : 'bearer'],
  ].flat();
  return {
    reason,
    address,
    presented: shown.join(' and ') || 'nothing',
    detail: message,
    identity: credential?.identity ?? null,
    credential: credential?.id ?? null,
    apiKey: null,
    thumbprint: leaf === undefined ? null : thumbprintOf(leaf),
  };
}

/** Of one that was admitted before: by what it was known then. */
function refusalAfter(
  { reason, message, credential }: ProofError,
  { identity, proofs, address }: Caller,
): Refusal {
  const shown = new Set(proofs.flatMap(({ kind }) => shownAs[kind] ?? []));
  return {
    ...{ reason, address, detail: message, identity: identity.id },
    presented: [...shown].join(' and ') || 'nothing',
    credential: credential?.id ?? null,
    ...{ apiKey: null, thumbprint: null },
  };
}

const shownAs: Record<CredentialKind, string | null> = {
  x509_svid: 'certificate',
  certificate: 'certificate',
  jwt_svid: 'bearer',
  federated: 'bearer',
  public_key: 'bearer',
  placement: null,
  client_secret: 'basic',
  ingest_key: 'bearer',
};
