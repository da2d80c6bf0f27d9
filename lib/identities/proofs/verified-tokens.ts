/** What a token was found to show, and for how long nobody has to look at its signature again. */
export type Verified =
  | {
      readonly kind: 'public_key';
      readonly untilMs: number;
      readonly thumbprint: string;
      readonly identity: string;
    }
  | {
      readonly kind: 'jwt_svid';
      readonly untilMs: number;
      readonly subject: string;
      readonly anchor: string;
      readonly version: string;
    }
  | {
      readonly kind: 'federated';
      readonly untilMs: number;
      readonly issuer: string;
      readonly version: string;
      /** Of the registry, when the credential was found. */
      revision: number;
      credential: string;
    };

/** A token takes about half a kilobyte here, however long it is. */
const countMax = 20_000;

/** Tokens whose signature held, by their SHA-256; of too many those go that were not seen for longest. */
export class VerifiedTokens {
  private readonly byDigest = new Map<string, Verified>();

  find(digest: string, nowMs: number): Verified | undefined {
    const known = this.byDigest.get(digest);
    if (known === undefined) return undefined;
    this.byDigest.delete(digest);
    if (known.untilMs <= nowMs) return undefined;
    this.byDigest.set(digest, known);
    return known;
  }

  keep(digest: string, verified: Verified): void {
    this.byDigest.set(digest, verified);
    if (this.byDigest.size <= countMax) return;
    for (const oldest of this.byDigest.keys()) {
      this.byDigest.delete(oldest);
      return;
    }
  }

  drop(digest: string): void {
    this.byDigest.delete(digest);
  }
}
