import type { Channel, DeliveryState, NoticeKind } from './schema';

export type NoticeTone = 'info' | 'review' | 'critical';
/** What a kind of notice says, how urgent it is, and the page it leads to. */
type NoticeLabel = { words: string; tone: NoticeTone; link: string };

export const noticeLabels: Record<NoticeKind, NoticeLabel> = {
  sign_in_new_place: { words: 'You signed in from a new place', tone: 'review', link: '/account' },
  factor_changed: { words: 'Your second factors changed', tone: 'review', link: '/account' },
  recovery_code_used: {
    words: 'A recovery code of yours was used',
    tone: 'review',
    link: '/account',
  },
  sign_in_revoked: { words: 'A sign-in of yours was ended', tone: 'review', link: '/account' },
  rights_changed: { words: 'Your roles or rights changed', tone: 'info', link: '/account' },
  rights_change_asked: {
    words: 'A change of rights waits for you',
    tone: 'review',
    link: '/people',
  },
  invitation_accepted: { words: 'An invitation was accepted', tone: 'info', link: '/people' },
  break_glass_used: {
    words: 'The break-glass account was used',
    tone: 'critical',
    link: '/people',
  },
  identity_unowned: { words: 'An identity has no owner', tone: 'review', link: '/coverage' },
  identity_moved: { words: 'An identity was put into a team', tone: 'review', link: '/coverage' },
  identity_stopped: {
    words: 'An identity was stopped',
    tone: 'critical',
    link: '/identities',
  },
  enrolment_asked: {
    words: 'A workload asks to be registered',
    tone: 'review',
    link: '/identities?state=proposed',
  },
  api_key_expiring: { words: 'An API key expires soon', tone: 'review', link: '/settings/keys' },
  credential_expiring: {
    words: 'A credential ends soon',
    tone: 'review',
    link: '/credentials',
  },
  foreign_secret_overdue: {
    words: 'A secret used elsewhere is overdue',
    tone: 'review',
    link: '/credentials/elsewhere',
  },
  webhook_failing: { words: 'A webhook fails', tone: 'critical', link: '/notices' },
  test: { words: 'This is a test', tone: 'info', link: '/notices' },
};

/** What was sent, in words; an e-mail to an address without a person is of no kind of notice. */
export const deliveryWords = (kind: string): string =>
  kind in noticeLabels ? noticeLabels[kind as NoticeKind].words : 'A message';

export const channelLabels: Record<Channel, string> = { email: 'E-mail', webhook: 'Webhook' };

/** `tone` as a dot shows it. */
export const stateLabels: Record<
  DeliveryState,
  { word: string; tone: 'on' | 'wait' | 'none' | 'bad' }
> = {
  waiting: { word: 'Waiting', tone: 'wait' },
  sent: { word: 'Sent', tone: 'on' },
  dead: { word: 'Dead', tone: 'bad' },
  withdrawn: { word: 'Withdrawn', tone: 'none' },
};

/** `second_factor` as people read it: "Second factor". */
export function factWord(name: string): string {
  const words = name.replaceAll('_', ' ');
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}

export const factText = (value: string | number | boolean): string => {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'number' ? value.toLocaleString('en') : value;
};
