/** Why a single sign-on came to nothing; the sign-in page is told by `?error=sso_…`. */
export const refusals = {
  refused:
    'You signed in there, but your account may not use this console. Ask an administrator to add you to a group that may.',
  unlinked:
    'Somebody here has your e-mail address already. Ask an administrator to link that account to single sign-on.',
  no_factor: 'You showed no second factor there. Sign in there with it, then come back.',
  denied: 'Single sign-on was cancelled, or refused you. Try again, or ask whoever runs it.',
  lapsed: 'Single sign-on answered with a sign-in of too long ago. Sign out there and try again.',
  unreachable:
    'The single sign-on service did not answer as it should. Try again in a moment, or sign in another way.',
  busy: 'Too many sign-ins were started from your network. Try again in a minute.',
  not_set_up: 'This console is not set up yet. Set it up first, then use single sign-on.',
  failed: 'Single sign-on did not complete. Start again from here.',
} as const;
export type SsoRefusal = keyof typeof refusals;

/** An outcome that the person is told in these words; `message` and `detail` are for the log. */
export class SsoError extends Error {
  readonly reason: SsoRefusal;
  readonly detail: string | undefined;

  constructor(reason: SsoRefusal, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'SsoError';
    this.reason = reason;
    this.detail = options.cause instanceof Error ? causesOf(options.cause) : undefined;
  }
}

/** A failed fetch says why only in its own cause. */
const causesOf = ({ message, cause }: Error): string =>
  cause instanceof Error ? `${message}: ${causesOf(cause)}` : message;

const prefix = 'sso_';

export const refusalPath = (reason: SsoRefusal): string => `/sign-in?error=${prefix}${reason}`;

const isRefusal = (text: string): text is SsoRefusal => Object.hasOwn(refusals, text);

/** The sentence for what stands in the sign-in page's address; null for anything that this console does not say. */
export function ssoSentence(code: unknown): string | null {
  if (typeof code !== 'string' || !code.startsWith(prefix)) return null;
  const reason = code.slice(prefix.length);
  return isRefusal(reason) ? refusals[reason] : null;
}
