import { ok, type Result, refused } from '@/lib/core/result';
import type { RegistryState } from '../state/registry-state';
import type { KnownCredential } from '../state/schema';
import type { ProofRefusal, Proved } from './schema';
import { stillHolds } from './still-holds';
import { developmentOnly, mayVouch } from './still-proves';
import type { VerifiedChains } from './x509/verified-chains';
import { isWithinDates, type Verified } from './x509/verify-chain';

type Certificates = Result<readonly Buffer[], ProofRefusal>;

/** What the certificates of a request prove; `chains` remembers what was verified of them before. */
export function provedByCertificate(
  state: RegistryState,
  chains: VerifiedChains,
  certificates: Certificates,
  nowMs: number,
): Proved {
  if (!certificates.ok) return certificates;
  const judged = chains.verify(certificates.value, state);
  if (!judged.ok) return judged;
  const dated = judged.value.map((each) => ({ each, dates: isWithinDates(each, nowMs) }));
  const current = dated.flatMap(({ each, dates }) => (dates.ok ? [each] : []));
  const [first] = dated;
  if (current.length === 0 && first !== undefined && !first.dates.ok) return first.dates;

  const shown = current.flatMap((verified) => credentialsOf(state, verified));
  const usable = shown.filter(({ isUsable }) => isUsable).map(({ credential }) => credential);
  const [known] = usable;
  if (shown.length > 0 && known === undefined) return developmentOnly;
  if (known === undefined) return refused('unknown', unknownSays(current));
  const live = usable.filter((each) => stillHolds(each, nowMs).ok);
  if (new Set(live.map(({ identity }) => identity)).size > 1)
    return refused(
      'disagree',
      'The names in this certificate mean different identities. Revoke the credential of one.',
    );
  // Of one that holds no more, whoever asks says why.
  return ok(live[0] ?? known);
}

/** Those registered for what it shows, the narrowest and the newest first. */
function credentialsOf(
  state: RegistryState,
  { anchor, shows }: Verified,
): { credential: KnownCredential; isUsable: boolean }[] {
  return shows
    .flatMap((each) => [...state.credentialsShowing(each)].reverse())
    .map((credential) => ({
      credential,
      isUsable: mayVouch(state, anchor, credential.identity),
    }));
}

function unknownSays([verified]: readonly Verified[]): string {
  const shown = verified?.shows[0]?.subject ?? '';
  return `The certificate holds, and no identity has a credential for it: register one that shows ${shown.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)}.`;
}
