import { z } from 'zod';
import {
  DeliveryState,
  type DeliveryView,
  deliveryStates,
  type Notice,
  type NoticeView,
} from './schema';

type Params = Readonly<Record<string, string | string[] | undefined>>;
type Parsed<View> = View & { problems: string[] };

const noSuchPage = 'The address names a page that does not exist, so the first one is shown.';
const Id = z.guid();

/** Reads the address of the inbox; what is not understood becomes a sentence. */
export function parseNoticeView(params: Params): Parsed<NoticeView> {
  const problems: string[] = [];
  const show = one(params, 'show');
  if (show !== null && show !== 'all' && show !== 'unread')
    problems.push('show is all or unread, so all are shown.');
  const text = one(params, 'after');
  const [, mark, id] = /^([ur])\.(.+)$/.exec(text ?? '') ?? [];
  const isKnown = Id.safeParse(id).success;
  if (text !== null && !isKnown) problems.push(noSuchPage);
  return {
    show: show === 'unread' ? 'unread' : 'all',
    after: isKnown && id !== undefined ? { isUnread: mark === 'u', id } : null,
    problems,
  };
}

export const formatNoticeCursor = ({ id, readAt }: Pick<Notice, 'id' | 'readAt'>): string =>
  `${readAt === null ? 'u' : 'r'}.${id}`;

/** The same of the list of deliveries. */
export function parseDeliveryView(params: Params): Parsed<DeliveryView> {
  const problems: string[] = [];
  const asked = one(params, 'state');
  const state = DeliveryState.safeParse(asked);
  if (asked !== null && !state.success)
    problems.push(`state is ${deliveryStates.join(', ')}, so all are shown.`);
  const text = one(params, 'after');
  const after = Id.safeParse(text);
  if (text !== null && !after.success) problems.push(noSuchPage);
  return { state: state.data ?? null, after: after.data ?? null, problems };
}

function one(params: Params, name: string): string | null {
  const value = params[name];
  return (Array.isArray(value) ? value[0] : value) || null;
}
