import { z } from 'zod';
import type { Acted } from '@/lib/core/result';
import { Email, Role } from '@/lib/people/schema';
import { manyLines, oneLine } from './one-line';

/** Everything that a person is told of. Another kind is a word here and a line in labels.ts. */
export const noticeKinds = [
  'sign_in_new_place',
  'factor_changed',
  'recovery_code_used',
  'sign_in_revoked',
  'rights_changed',
  'rights_change_asked',
  'invitation_accepted',
  'break_glass_used',
  'identity_unowned',
  'identity_moved',
  'identity_stopped',
  'enrolment_asked',
  'api_key_expiring',
  'credential_expiring',
  'foreign_secret_overdue',
  'webhook_failing',
  'test',
] as const;
export const NoticeKind = z.enum(noticeKinds);
export type NoticeKind = z.infer<typeof NoticeKind>;

/** Whom to tell; ids, but for the role. An identity that nobody answers for is told of to administrators. */
export const Address = z.union([
  z.strictObject({ person: z.guid() }),
  z.strictObject({ role: Role }),
  z.strictObject({ team: z.guid() }),
  z.strictObject({ ownerOf: z.guid() }),
]);
export type Address = z.infer<typeof Address>;

const subjectMax = 200;
const factMax = 300;
const Fact = z.union([
  z.string().transform((text) => oneLine(text, factMax)),
  z.number(),
  z.boolean(),
]);
/** What stands beside it: names in snake_case, values of one line. Never content of interactions, nor a secret. */
export const Facts = z
  .record(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/), Fact)
  .refine((facts) => Object.keys(facts).length <= 20, 'A notice has 20 facts at most.');
export type Facts = z.infer<typeof Facts>;

/** A page of this console. */
export const Link = z
  .string()
  .max(512)
  .regex(/^\/(?![/\\])[\x21-\x7e]*$/);

export const NewNotice = z.object({
  kind: NoticeKind,
  to: z.union([Address, z.array(Address).max(100)]),
  /** What it is about: a name, an address. One line. */
  subject: z.string().transform((text) => oneLine(text, subjectMax)),
  facts: Facts.default({}),
  /** Where it leads, if not where its kind does. */
  link: Link.optional(),
  at: z.date(),
});
export type NewNotice = z.input<typeof NewNotice>;
export type ParsedNotice = z.infer<typeof NewNotice>;

/** An e-mail to whoever has that address. Its text may hold a secret; its subject never does. */
export const NewMail = z.object({
  to: Email,
  subject: z.string().transform((text) => oneLine(text, subjectMax)),
  text: z.string().transform((text) => manyLines(text, 10_000)),
  at: z.date(),
});
export type NewMail = z.input<typeof NewMail>;

/** Exactly what an e-mail says. */
export const MailPayload = z.object({ subject: z.string(), text: z.string() });
export type MailPayload = z.infer<typeof MailPayload>;

export type Notice = {
  id: string;
  kind: NoticeKind;
  subject: string;
  facts: Facts;
  link: string;
  createdAt: Date;
  readAt: Date | null;
};

export const noticeViews = ['all', 'unread'] as const;
export type NoticeView = { show: (typeof noticeViews)[number]; after: NoticeCursor | null };
/** Unread ones come first, newest first. */
export type NoticeCursor = { isUnread: boolean; id: string };

export const deliveryStates = ['waiting', 'sent', 'dead', 'withdrawn'] as const;
export const DeliveryState = z.enum(deliveryStates);
export type DeliveryState = z.infer<typeof DeliveryState>;
export const Channel = z.enum(['email', 'webhook']);
export type Channel = z.infer<typeof Channel>;

export type Delivery = {
  id: string;
  channel: Channel;
  kind: string;
  subject: string;
  target: string;
  /** Of a person or team, if it is for one. */
  who: string | null;
  state: DeliveryState;
  tries: number;
  dueAt: Date;
  lastError: string | null;
  createdAt: Date;
  endedAt: Date | null;
  /** It can be tried again: there is something left to send, and somewhere to send it. */
  isSendable: boolean;
};
export type DeliveryView = { state: DeliveryState | null; after: string | null };

/** Whose webhook: a team's, or, without one, that of whoever acts. */
export const WebhookOwner = z.object({ team: z.guid('There is no such team.').nullable() });
export type WebhookOwner = z.infer<typeof WebhookOwner>;

export type Webhook = {
  url: string;
  host: string;
  createdAt: Date;
  rotatedAt: Date;
  last: { state: DeliveryState; at: Date; error: string | null } | null;
};

/** The secret is shown this once, where a new one was made. */
export type WebhookAnswer = { said: string; secret: string | null };
export type WebhookAction = (
  last: Acted<WebhookAnswer> | null,
  form: FormData,
) => Promise<Acted<WebhookAnswer>>;
export type NoticeAction = (last: Acted<string> | null, form: FormData) => Promise<Acted<string>>;
