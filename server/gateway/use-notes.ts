const EVERY_MS = 60_000;
const CREDENTIALS_MAX = 10_000;
/** Whoever has a credential and many addresses makes no more writes than this a minute. */
const NETWORKS_MAX = 20;

/** Which uses of credentials are worth a note: each network of each once a minute, so many networks at most. */
export class UseNotes {
  private readonly noted = new Map<string, { sinceMs: number; networks: Set<string> }>();

  /** Whether to note it now. */
  take(credential: string, network: string, nowMs: number): boolean {
    const known = this.noted.get(credential);
    const isOver = known === undefined || nowMs - known.sinceMs >= EVERY_MS;
    if (!isOver && (known.networks.has(network) || known.networks.size >= NETWORKS_MAX))
      return false;
    if (!isOver) {
      known.networks.add(network);
      return true;
    }
    if (known === undefined && this.noted.size >= CREDENTIALS_MAX) this.noted.clear();
    this.noted.set(credential, { sinceMs: nowMs, networks: new Set([network]) });
    return true;
  }
}
