import { createTransport } from 'nodemailer';
import type { Config } from '@/lib/core/config';
import { isLoopbackHost } from '@/lib/core/network';
import { oneLine } from './one-line';
import type { MailPayload } from './schema';
import type { Sending } from './sending';

/** From the connection to the last answer; whoever claimed it waits longer than that. */
const wholeMs = 45_000;
const stepMs = 10_000;

type Mail = MailPayload & { id: string; to: string };

/** Hands one e-mail in. Only to a server that speaks TLS with a valid certificate, unless it is this machine. */
export async function sendMail(
  { SMTP_URL, SMTP_FROM }: Pick<Config, 'SMTP_URL' | 'SMTP_FROM'>,
  { id, to, subject, text }: Mail,
): Promise<Sending> {
  if (SMTP_URL === undefined || SMTP_FROM === undefined)
    return { ok: false, error: 'SMTP_URL and SMTP_FROM are not set: this worker sends no e-mail.' };
  const from = mailboxOf(SMTP_FROM);
  const transport = createTransport({
    ...transportOf(new URL(SMTP_URL)),
    connectionTimeout: stepMs,
    greetingTimeout: stepMs,
    socketTimeout: stepMs,
    dnsTimeout: stepMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Sending>((resolve) => {
    timer = setTimeout(
      () => resolve({ ok: false, error: 'The mail server is too slow.' }),
      wholeMs,
    );
  });
  const sent = transport
    .sendMail({
      from,
      // As parts and not as text, in which an address could name several.
      to: { name: '', address: to },
      envelope: { from: from.address, to: [to] },
      subject,
      text,
      messageId: `<${id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    })
    .then<Sending, Sending>(
      () => ({ ok: true }),
      (error: unknown) => ({ ok: false, error: failureOf(error) }),
    );
  try {
    return await Promise.race([sent, late]);
  } finally {
    clearTimeout(timer);
    transport.close();
  }
}

/** Of `SMTP_URL`: TLS from the start for smtps, STARTTLS or nothing for smtp, nothing asked of this machine. */
export function transportOf(url: URL) {
  const secure = url.protocol === 'smtps:';
  const isHere = isLoopbackHost(url.hostname);
  const { username, password } = url;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && !isHere,
    ignoreTLS: !secure && isHere,
    ...(username === ''
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
  };
}

function mailboxOf(text: string): { name: string; address: string } {
  const [, name = '', address = text] = /^(.*?) ?<(.+)>$/.exec(text) ?? [];
  return { name, address };
}

/** What the server said, and never what was said to it. */
function failureOf(error: unknown): string {
  const { code, response } = error as { code?: unknown; response?: unknown };
  const kind = typeof code === 'string' && /^[A-Z0-9_]{2,40}$/.test(code) ? ` (${code})` : '';
  const words = typeof response === 'string' ? `: ${oneLine(response, 300)}` : '';
  if (code === 'ETLS') return `The mail server offers no TLS, or none that is valid${kind}.`;
  return `The mail server did not take it${kind}${words}`;
}
