import type { IdentityDetail } from './schema';

export type Finding = {
  /** Unique in a list of them. */
  name:
    | 'origin'
    | 'unowned'
    | 'no_sponsor'
    | 'no_proof'
    | 'expiring'
    | 'bearer_only'
    | 'overdue_secrets'
    | 'refused'
    | 'unexpected';
  title: string;
  sentence: string;
};

export type FindingFacts = {
  /** How many entries of the last 7 days tell of refused proofs of it; null for whoever may not read that. */
  refused: number | null;
  /** Whether there are more entries than were counted. */
  isRefusedMore?: boolean;
  /** What it touched in 30 days and is not expected to. */
  unexpected: readonly string[];
  /** Secrets that it uses elsewhere and nobody rotated in time, as people call them. */
  overdue?: readonly string[];
  /** Of an external API. */
  isOriginUnverified?: boolean;
};

const dayMs = 86_400_000;
export const expiringDays = 7;
export const refusedDays = 7;
const namedMax = 3;

/** What of an identity is flagged today, the worst first. */
export function findingsOf(
  identity: Pick<IdentityDetail, 'kind' | 'state' | 'owner' | 'sponsor' | 'credentials'>,
  {
    refused,
    isRefusedMore = false,
    unexpected,
    overdue = [],
    isOriginUnverified = false,
  }: FindingFacts,
  now: Date,
): Finding[] {
  const { kind, state, owner, sponsor } = identity;
  const { classes, endsAt } = identity.credentials;
  if (state === 'decommissioned') return [];
  const proves = state === 'active' && kind !== 'external_api';
  const found: (Finding | null)[] = [
    isOriginUnverified
      ? {
          name: 'origin',
          title: 'Its origin is unverified',
          sentence: 'It answers from elsewhere, or its hosts do not prove themselves.',
        }
      : null,
    owner === null || owner.isGone
      ? {
          name: 'unowned',
          title: 'Nobody answers for it',
          sentence:
            owner === null
              ? 'It has no owner, so nobody hears of what concerns it.'
              : `${owner.name}, its owner, has left or has no role any more.`,
        }
      : null,
    sponsor === null || sponsor.isGone
      ? {
          name: 'no_sponsor',
          title: 'Nobody wants it to be there',
          sentence:
            sponsor === null
              ? 'It has no sponsor, who decides when the owner is gone.'
              : `${sponsor.name}, its sponsor, has left or has no role any more.`,
        }
      : null,
    proves && classes.length === 0
      ? {
          name: 'no_proof',
          title: 'It cannot prove itself',
          sentence: 'It has no credential that works, so nothing it sends is taken.',
        }
      : null,
    refused !== null && refused > 0
      ? {
          name: 'refused',
          title: 'Proofs of it were refused',
          sentence: refusedSentence(refused, isRefusedMore),
        }
      : null,
    proves && endsAt !== null && endsAt.getTime() - now.getTime() <= expiringDays * dayMs
      ? {
          name: 'expiring',
          title: 'A credential ends soon',
          sentence: `The first of its credentials ends within ${expiringDays} days.`,
        }
      : null,
    proves && classes.length > 0 && classes.every((each) => each === 'bearer')
      ? {
          name: 'bearer_only',
          title: 'It proves itself by a bearer secret alone',
          sentence:
            'Whoever has the secret is it. A key, a certificate or a workload identity ends that.',
        }
      : null,
    overdue.length > 0
      ? {
          name: 'overdue_secrets',
          title: 'It uses a secret that is overdue',
          sentence: `Nobody rotated in time: ${listed(overdue)}.`,
        }
      : null,
    unexpected.length > 0
      ? {
          name: 'unexpected',
          title: 'It touched what it is not expected to',
          sentence: `In 30 days: ${listed(unexpected)}.`,
        }
      : null,
  ];
  return found.filter((each) => each !== null);
}

function refusedSentence(count: number, isMore: boolean): string {
  if (count === 1 && !isMore) return `One entry of the last ${refusedDays} days tells of it.`;
  const entries = `${count.toLocaleString('en-GB')} ${isMore ? 'or more ' : ''}entries`;
  return `${entries} of the last ${refusedDays} days tell of it.`;
}

function listed(names: readonly string[]): string {
  const more = names.length - namedMax;
  const shown = names.slice(0, namedMax).join(', ');
  return more > 0 ? `${shown} and ${more.toLocaleString('en-GB')} more` : shown;
}
