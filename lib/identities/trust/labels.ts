import type { TrustLack } from './schema';

/** What is missing, and what to do about it. */
export const trustLackLabels: Record<TrustLack, { word: string; remedy: string }> = {
  owner: { word: 'Nobody answers for it', remedy: 'Name an owner.' },
  sponsor: { word: 'Nobody wants it to be there', remedy: 'Name a sponsor.' },
  purpose: { word: 'It has no purpose', remedy: 'Say what it is for.' },
  zone: { word: 'It lives in no zone', remedy: 'Put it into a zone.' },
  proof: {
    word: 'It proves itself by bearer secrets only',
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
