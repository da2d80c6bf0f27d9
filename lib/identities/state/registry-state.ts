import { parseNetworks } from '@/lib/core/network';
import type { RegistryChanges } from './queries';
import type {
  KnownAnchor,
  KnownCredential,
  KnownIdentity,
  KnownIssuer,
  KnownNetwork,
} from './schema';

/** What a proof shows, whoever vouches for it. */
type Shown = Pick<KnownCredential, 'kind' | 'subject' | 'anchor' | 'issuer'>;

/**
 * The registry in memory, so that who asks is known without asking the database: identities, what they prove themselves
 * with, and whose word is taken for it. It is as new as the last changes that were applied; whoever uses it checks that.
 */
export class RegistryState {
  private readonly identities = new Map<string, KnownIdentity>();
  private readonly zones = new Map<string, NonNullable<KnownIdentity['zone']>>();
  private readonly named = new Map<string, Set<string>>();
  private readonly credentials = new Map<string, KnownCredential>();
  private readonly byHash = new Map<string, KnownCredential>();
  private readonly byShown = new Map<string, Map<string, KnownCredential>>();
  private readonly believesDevelopment: boolean;
  private readonly anchorsById = new Map<string, KnownAnchor>();
  private readonly issuersById = new Map<string, KnownIssuer>();
  private readonly ofIdentity = new Map<string, Map<string, KnownCredential>>();
  private readonly ofIssuer = new Map<string, Map<string, KnownCredential>>();
  private readonly revisions = new Map<string, number>();
  private networksById = new Map<string, KnownNetwork>();
  private anchorChanges = 0;

  /** Without `believesDevelopment` the development authority is as one that was revoked. */
  constructor({ believesDevelopment = true } = {}) {
    this.believesDevelopment = believesDevelopment;
  }

  apply({ identities, zones, credentials, anchors, issuers }: RegistryChanges): void {
    for (const zone of zones) this.putZone(zone);
    for (const row of identities) this.putIdentity(row);
    for (const row of credentials)
      this.putCredential({
        ...row,
        hash: row.hash === null ? null : Buffer.from(row.hash, 'hex'),
      });
    for (const row of anchors) this.putAnchor(row);
    for (const row of issuers) this.issuersById.set(row.id, row);
  }

  applyNetworks(networks: readonly { id: string; name: string; cidrs: string[] }[]): void {
    this.networksById = new Map(
      networks.map(({ id, name, cidrs }) => [
        id,
        { id, name, blocks: parseNetworks(cidrs.join(',')) },
      ]),
    );
  }

  identity(id: string): KnownIdentity | undefined {
    return this.identities.get(id);
  }

  /** The one active identity that a name means; null when none or several do. */
  readonly byName = (name: string): string | null => {
    const ids = this.named.get(name);
    if (ids === undefined || ids.size !== 1) return null;
    const [id] = ids;
    return id ?? null;
  };

  credential(id: string): KnownCredential | undefined {
    return this.credentials.get(id);
  }

  /** Of a bearer secret, by the SHA-256 of it. */
  credentialOfHash(hash: Buffer): KnownCredential | undefined {
    return this.byHash.get(hash.toString('latin1'));
  }

  /** Those that show this, the newest last: of one that was replaced, the former too. */
  credentialsShowing(shown: Shown): readonly KnownCredential[] {
    return [...(this.byShown.get(keyOf(shown))?.values() ?? [])];
  }

  credentialsOf(identity: string): readonly KnownCredential[] {
    return [...(this.ofIdentity.get(identity)?.values() ?? [])];
  }

  /** What tokens of this issuer may show. */
  credentialsOfIssuer(issuer: string): readonly KnownCredential[] {
    return [...(this.ofIssuer.get(issuer)?.values() ?? [])];
  }

  anchor(id: string): KnownAnchor | undefined {
    return this.anchorsById.get(id);
  }

  /** Those that are believed. */
  anchors(): KnownAnchor[] {
    return [...this.anchorsById.values()].filter(({ isRevoked }) => !isRevoked);
  }

  /** The one of a trust domain: if none is believed, one that was. */
  anchorOfDomain(trustDomain: string): KnownAnchor | undefined {
    return believedFirst(
      [...this.anchorsById.values()].filter((each) => each.trustDomain === trustDomain),
    );
  }

  /** Also those that are believed no more. */
  everyAnchor(): readonly KnownAnchor[] {
    return [...this.anchorsById.values()];
  }

  /** Another one means that what was verified by anchors has to be verified again. */
  get anchorsRevision(): number {
    return this.anchorChanges;
  }

  issuer(id: string): KnownIssuer | undefined {
    return this.issuersById.get(id);
  }

  /** The one that writes itself so, to the letter: if none is believed, one that was. */
  issuerNamed(issuer: string): KnownIssuer | undefined {
    return believedFirst([...this.issuersById.values()].filter((each) => each.issuer === issuer));
  }

  /** Another number means that tokens of this issuer may show something else now. */
  issuerRevision(issuer: string): number {
    return this.revisions.get(issuer) ?? 0;
  }

  network(id: string): KnownNetwork | undefined {
    return this.networksById.get(id);
  }

  networks(): readonly KnownNetwork[] {
    return [...this.networksById.values()];
  }

  private putZone(zone: NonNullable<KnownIdentity['zone']>): void {
    const known = this.zones.get(zone.id);
    // The same object, which identities hold.
    if (known === undefined) this.zones.set(zone.id, { ...zone });
    else Object.assign(known, zone);
  }

  private putIdentity(row: RegistryChanges['identities'][number]): void {
    const before = this.identities.get(row.id);
    for (const name of before?.reporter.names ?? []) this.named.get(name)?.delete(row.id);
    const names = new Set([row.name, ...(row.names ?? [])]);
    const { id, kind, name, state, stateReason, trust, team, revision } = row;
    this.identities.set(id, {
      id,
      kind,
      name,
      state,
      stateReason,
      trust,
      team,
      revision,
      zone: row.zone === null ? null : (this.zones.get(row.zone) ?? null),
      reporter: {
        id,
        names,
        reportsFor: row.reportsForAll
          ? 'all'
          : row.reportsFor.length > 0
            ? new Set(row.reportsFor)
            : null,
      },
    });
    if (state !== 'active') return;
    for (const each of names) {
      const ids = this.named.get(each) ?? new Set();
      this.named.set(each, ids.add(id));
    }
  }

  private putAnchor(given: RegistryChanges['anchors'][number]): void {
    const row =
      this.believesDevelopment || given.kind !== 'development'
        ? given
        : { ...given, isRevoked: true };
    // While a long transaction is open the same rows come again.
    if (this.anchorsById.get(row.id)?.version === row.version) return;
    this.anchorChanges += 1;
    this.anchorsById.set(row.id, {
      ...row,
      certificates: row.certificates.map((hex) => Buffer.from(hex, 'hex')),
    });
  }

  private putCredential(credential: KnownCredential): void {
    const { id, hash, identity, issuer } = credential;
    const before = this.credentials.get(id);
    if (before !== undefined) this.byShown.get(keyOf(before))?.delete(id);
    this.credentials.set(id, credential);
    within(this.ofIdentity, identity).set(id, credential);
    if (hash !== null) this.byHash.set(hash.toString('latin1'), credential);
    else within(this.byShown, keyOf(credential)).set(id, credential);
    if (issuer === null) return;
    within(this.ofIssuer, issuer).set(id, credential);
    this.revisions.set(issuer, this.issuerRevision(issuer) + 1);
  }
}

const believedFirst = <Known extends { isRevoked: boolean }>(all: readonly Known[]) =>
  all.find(({ isRevoked }) => !isRevoked) ?? all.at(-1);

const keyOf = ({ kind, subject, anchor, issuer }: Shown): string =>
  `${kind}\0${anchor ?? issuer ?? ''}\0${subject ?? ''}`;

function within<Value>(groups: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  let group = groups.get(key);
  if (group === undefined) {
    group = new Map();
    groups.set(key, group);
  }
  return group;
}
