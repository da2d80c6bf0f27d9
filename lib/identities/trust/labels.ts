import { counted, thousands } from '@/lib/inventory/labels';
import { trustLabels } from '../labels';
import type { Judged } from './judge';
import type { TrustLack, TrustLevel, TrustPreview, TrustRules } from './schema';

/** What is missing, and what to do about it. */
export const trustLackLabels: Record<TrustLack, { word: string; remedy: string }> = {
  owner: { word: 'Nobody answers for it', remedy: 'Name an owner.' },
  sponsor: { word: 'Nobody wants it to be there', remedy: 'Name a sponsor.' },
  purpose: { word: 'It has no purpose', remedy: 'Say what it is for.' },
  zone: { word: 'It lives in no zone', remedy: 'Put it into a zone.' },
  proof: {
    word: 'It has no proof besides bearer secrets',
    remedy: 'Register a key, a certificate or a workload identity.',
  },
  observed_days: {
    word: 'It was not seen for long enough',
    remedy: 'It has to act, and time to pass.',
  },
  probation_days: { word: 'It is not on probation for long enough', remedy: 'Time has to pass.' },
  bearer_used: {
    word: 'A bearer secret was used lately',
    remedy: 'Have it prove itself in another way, and revoke the secret.',
  },
  expects: {
    word: 'Nobody has said what it is expected to act on',
    remedy: 'Name the resources that it is to act on.',
  },
  two_proofs: {
    word: 'It has no proofs of two classes',
    remedy: 'Register a second proof of another class.',
  },
};

type Words = { label: string; says: string };

/** What may be asked for before an identity is on probation. */
export const probationRuleLabels: Record<keyof TrustRules['probation'], Words> = {
  needsOwner: { label: 'An owner', says: 'Somebody answers for it, and has not left.' },
  needsSponsor: { label: 'A sponsor', says: 'Somebody wants it to be there, and has not left.' },
  needsPurpose: { label: 'A purpose', says: 'It is said what it is for.' },
  needsZone: { label: 'A zone', says: 'It lives in an isolated environment.' },
  needsProof: {
    label: 'A proof that is no bearer secret',
    says: 'It can show a key, a certificate, or whom a platform or issuer vouches for.',
  },
  observedDays: {
    label: 'Days observed',
    says: 'Since it was first seen, and again since it fell. 0 asks for none.',
  },
};

/** What may be asked for besides, before it is trusted. */
export const trustedRuleLabels: Record<keyof TrustRules['trusted'], Words> = {
  needsExpects: {
    label: 'What it is expected to act on',
    says: 'At least one resource is named that it is to act on.',
  },
  needsTwoProofs: {
    label: 'Proofs of two classes',
    says: 'A second proof of another class, so that one stolen key is not enough.',
  },
  probationDays: {
    label: 'Days on probation',
    says: 'It stays on probation for so long. 0 asks for none.',
  },
  bearerFreeDays: {
    label: 'Days without a bearer secret',
    says: 'No bearer secret of it was used for so long. 0 asks for none.',
  },
};

/** What takes an identity to the next level, in sentences; where waiting is all it takes, until when. */
export const missingSentences = ({ missing }: Judged): string[] =>
  missing.map(({ lack, at }) => {
    const { word, remedy } = trustLackLabels[lack];
    return at === null
      ? `${word}. ${remedy}`
      : `${word}. ${remedy} This lasts until ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC.`;
  });

/** What rules would come to, in words. */
export function previewWords({ rise, fall, stay, isBounded }: TrustPreview): string {
  const all = rise.probation + rise.trusted + fall.observed + fall.probation + stay;
  if (all === 0) return 'No identity is active, so none would rise or fall.';
  const moves = [
    movedWords('rise', [
      ['probation', rise.probation],
      ['trusted', rise.trusted],
    ]),
    movedWords('fall', [
      ['probation', fall.probation],
      ['observed', fall.observed],
    ]),
  ].join(', ');
  const counts = `${moves}, and ${stay === 0 ? 'none' : thousands(stay)} would stay.`;
  return isBounded
    ? `Of the ${thousands(all)} active identities that were registered first, ${counts} There are more, which were not counted.`
    : `Of ${counted(all, 'active identity', 'active identities')}, ${counts}`;
}

/** `3 would rise (2 to Probation, 1 to Trusted)`. */
function movedWords(moves: 'rise' | 'fall', to: [TrustLevel, number][]): string {
  const [first, ...others] = to.filter(([, count]) => count > 0);
  if (first === undefined) return `none would ${moves}`;
  if (others.length === 0)
    return `${thousands(first[1])} would ${moves} to ${trustLabels[first[0]].word}`;
  const parts = [first, ...others].map(
    ([level, count]) => `${thousands(count)} to ${trustLabels[level].word}`,
  );
  const sum = [first, ...others].reduce((total, [, count]) => total + count, 0);
  return `${thousands(sum)} would ${moves} (${parts.join(', ')})`;
}
