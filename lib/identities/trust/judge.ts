import { type ProofClass, proofClasses } from '../credentials/schema';
import type { TrustLack, TrustLevel, TrustRules } from './schema';

const dayMs = 86_400_000;

/** What trust goes by, of one active identity. */
export type TrustFacts = {
  level: TrustLevel;
  /** Since when. */
  levelAt: Date;
  hasOwner: boolean;
  hasSponsor: boolean;
  hasPurpose: boolean;
  hasZone: boolean;
  /** Resources that it is expected to act on. */
  expects: number;
  /** Of credentials that can prove something now. */
  classes: readonly ProofClass[];
  firstSeenAt: Date | null;
  /** When a bearer secret of it was used last. */
  bearerUsedAt: Date | null;
};

export type Judged = {
  level: TrustLevel;
  next: TrustLevel | null;
  /** What is missing to the next; `at` where waiting is all it takes. */
  missing: { lack: TrustLack; at: Date | null }[];
};

/** One level up at a time, since each is earned; down as far as the facts say. */
export function judgeTrust(facts: TrustFacts, rules: TrustRules, now: Date): Judged {
  const toProbation = lackedForProbation(facts, rules, now);
  if (toProbation.length > 0) return { level: 'observed', next: 'probation', missing: toProbation };
  if (facts.level === 'observed')
    return {
      level: 'probation',
      next: 'trusted',
      missing: lackedForTrust({ ...facts, level: 'probation', levelAt: now }, rules, now),
    };
  const toTrust = lackedForTrust(facts, rules, now);
  return toTrust.length > 0
    ? { level: 'probation', next: 'trusted', missing: toTrust }
    : { level: 'trusted', next: null, missing: [] };
}

type Lacked = Judged['missing'];

function lackedForProbation(facts: TrustFacts, { probation }: TrustRules, now: Date): Lacked {
  const since = facts.firstSeenAt === null ? null : later(facts.firstSeenAt, facts.levelAt);
  return [
    ...lacking('owner', probation.needsOwner && !facts.hasOwner),
    ...lacking('sponsor', probation.needsSponsor && !facts.hasSponsor),
    ...lacking('purpose', probation.needsPurpose && !facts.hasPurpose),
    ...lacking('zone', probation.needsZone && !facts.hasZone),
    ...lacking('proof', probation.needsProof && proofsOf(facts).length === 0),
    // Whoever has risen was seen for long enough then.
    ...(facts.level === 'observed'
      ? waiting('observed_days', since, probation.observedDays, now)
      : []),
  ];
}

function lackedForTrust(facts: TrustFacts, { trusted }: TrustRules, now: Date): Lacked {
  const { bearerUsedAt, level, levelAt } = facts;
  return [
    ...lacking('expects', trusted.needsExpects && facts.expects === 0),
    ...lacking('two_proofs', trusted.needsTwoProofs && proofsOf(facts).length < 2),
    ...(bearerUsedAt === null
      ? []
      : waiting('bearer_used', bearerUsedAt, trusted.bearerFreeDays, now)),
    ...(level === 'trusted' ? [] : waiting('probation_days', levelAt, trusted.probationDays, now)),
  ];
}

/** A network proves nothing by itself, and a bearer secret is what trust is to be without. */
const proofsOf = ({ classes }: TrustFacts): ProofClass[] => {
  const proofs = proofClasses.filter((each) => each !== 'bearer' && classes.includes(each));
  return proofs.some((each) => each !== 'placed') ? proofs : [];
};

const later = (one: Date, other: Date): Date => (one > other ? one : other);
const lacking = (lack: TrustLack, isLacked: boolean): Lacked =>
  isLacked ? [{ lack, at: null }] : [];

/** Null for what has not begun. */
function waiting(lack: TrustLack, since: Date | null, days: number, now: Date): Lacked {
  if (days === 0) return [];
  if (since === null) return [{ lack, at: null }];
  const at = new Date(since.getTime() + days * dayMs);
  return at > now ? [{ lack, at }] : [];
}
