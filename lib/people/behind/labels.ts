import { unregistered } from '@/lib/inventory/address';
import type { ShownPart, Sort } from './address';
import type { BehindAgent, Evidence, Factor } from './schema';

export const evidenceLabels: Record<Evidence, { word: string; sentence: string }> = {
  declared: {
    word: 'Declared',
    sentence:
      'Only what agents send says so, and whoever sends can write anything. It proves nobody: no factor is shown, and no policy can rely on it.',
  },
  proved: {
    word: 'Proved',
    sentence: 'The issuer and subject of the tokens that agents used prove who it is.',
  },
};

export const notShown = 'Not shown';

export const factorLabels: Record<Factor, string> = {
  totp: 'Code',
  passkey: 'Passkey',
  recovery: 'Recovery code',
  sso: 'Single sign-on',
};

export const shownLabels: Record<ShownPart, string> = {
  all: 'All',
  not_shown: 'Factor not shown',
  expected: 'Expected',
};

export const sortLabels: Record<Sort, string> = {
  last: 'latest first',
  entries: 'most entries first',
};

/** What an agent is called where people read it. */
export const agentName = ({ name }: Pick<BehindAgent, 'name'>): string => name ?? 'Unregistered';

/** As the inventory is asked for it. */
export const agentTerm = ({ id }: Pick<BehindAgent, 'id'>): string => id ?? unregistered;
