import type { Member, MemberState } from './members/schema';
import type { GivenRights } from './rights/schema';
import type { Rights, Role } from './schema';

export const roleLabels: Record<Role, { word: string; sentence: string }> = {
  viewer: { word: 'Viewer', sentence: 'Sees activity, figures, coverage and health.' },
  analyst: { word: 'Analyst', sentence: 'Also reviews, exports facts and reads the audit.' },
  policy_author: { word: 'Policy author', sentence: 'Also drafts what machines may do.' },
  approver: { word: 'Approver', sentence: 'Also says yes or no to what others asked for.' },
  admin: { word: 'Administrator', sentence: 'Also changes people, identities and settings.' },
};

export const stateLabels: Record<MemberState, string> = {
  active: 'Active',
  invited: 'Invited',
  removed: 'Removed',
  break_glass: 'Break-glass',
};

export const reachLabels: Record<Exclude<Rights, 'none'>, string> = {
  all: 'All identities',
  teams: 'Identities of own teams',
};

export const contentLabels: Record<Rights, string> = {
  none: 'No content',
  teams: 'Of own teams',
  all: 'All',
};

export const rolesWords = (roles: readonly Role[]): string =>
  roles.map((role) => roleLabels[role].word).join(', ') || 'No role';

const readWords: Record<Rights, string> = {
  none: 'Reads no content',
  teams: 'Reads own teams',
  all: 'Reads all',
};
const exportWords: Record<Rights, string> = {
  none: '',
  teams: ', exports own teams',
  all: ', exports all',
};

/** Whose content somebody reads and takes out: "Reads own teams, exports own teams". */
export const contentWords = ({
  contentRead,
  contentExport,
}: Pick<GivenRights, 'contentRead' | 'contentExport'>): string =>
  readWords[contentRead] + exportWords[contentExport];

/** The second factors of a person: "2 passkeys, code, 8 recovery codes". */
export function factorWords({ passkeys, hasCodes, recoveryCodes }: Member['factors']): string {
  const words = [
    passkeys === 0 ? [] : `${passkeys} ${passkeys === 1 ? 'passkey' : 'passkeys'}`,
    hasCodes ? 'code' : [],
  ].flat();
  if (words.length === 0) return 'None yet';
  const left = `${recoveryCodes} recovery ${recoveryCodes === 1 ? 'code' : 'codes'} left`;
  return [...words, left].join(', ');
}

const proofWords: Record<string, string> = {
  password: 'password',
  passkey: 'passkey',
  sso: 'the organisation’s sign-in',
};
const secondWords: Record<string, string> = {
  totp: 'and code',
  recovery: 'and recovery code',
  passkey: 'and passkey',
  sso: 'and its second factor',
};

/** How a sign-in was proved: "password and code". A passkey is both. */
export const provedWords = ({ proof, factor }: { proof: string; factor: string }): string => {
  const first = proofWords[proof] ?? proof;
  return proof === factor && proof === 'passkey'
    ? first
    : `${first} ${secondWords[factor] ?? factor}`;
};
