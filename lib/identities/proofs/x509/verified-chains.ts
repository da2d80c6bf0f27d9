import { createHash } from 'node:crypto';
import type { Result } from '@/lib/core/result';
import type { RegistryState } from '../../state/registry-state';
import type { ProofRefusal } from '../schema';
import { type Verified, verifyChain } from './verify-chain';

type Judged = Result<readonly Verified[], ProofRefusal>;
type Kept = { judged: Judged; anchorsRevision: number };

const HELD_MAX = 10_000;
/** Apart, so that who sends many that do not hold pushes out none that do. */
const REFUSED_MAX = 1_000;

/**
 * Remembers what was verified, by the digest of the whole chain, for as long as the anchors are what they were. What
 * can change without them is asked of each request: dates, credentials, identities.
 */
export class VerifiedChains {
  private readonly held = new Map<string, Kept>();
  private readonly refused = new Map<string, Kept>();

  verify(chain: readonly Buffer[], state: RegistryState): Judged {
    const digest = digestOf(chain);
    const kept = this.held.get(digest) ?? this.refused.get(digest);
    const { anchorsRevision } = state;
    if (kept?.anchorsRevision === anchorsRevision) return kept.judged;
    this.held.delete(digest);
    this.refused.delete(digest);
    const judged = verifyChain(chain, state.everyAnchor());
    const [into, max] = judged.ok ? [this.held, HELD_MAX] : [this.refused, REFUSED_MAX];
    const [oldest] = into.keys();
    if (into.size >= max && oldest !== undefined) into.delete(oldest);
    into.set(digest, { judged, anchorsRevision });
    return judged;
  }
}

/** With their lengths, so that no other chain has it. */
function digestOf(chain: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const der of chain) hash.update(`${der.length}:`).update(der);
  return hash.digest('base64url');
}
