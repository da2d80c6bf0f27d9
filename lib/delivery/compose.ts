import { factText, factWord, noticeLabels } from './labels';
import { oneLine, unlinked } from './one-line';
import type { MailPayload, ParsedNotice } from './schema';

export const linkOf = ({ kind, link }: Pick<ParsedNotice, 'kind' | 'link'>): string =>
  link ?? noticeLabels[kind].link;

/** Plain text; the one link in it is ours. */
export function composeMail(notice: ParsedNotice, consoleUrl: string): MailPayload {
  const { words } = noticeLabels[notice.kind];
  const subject = unlinked(notice.subject);
  const facts = Object.entries(notice.facts).map(
    ([name, value]) => `${factWord(name)}: ${unlinked(factText(value))}`,
  );
  const blocks = [
    `${words}.`,
    [subject, ...facts].filter((line) => line !== '').join('\n'),
    new URL(linkOf(notice), consoleUrl).href,
    'Sallyport sent this. It never asks for a password or a code by e-mail.',
  ];
  return {
    subject: oneLine(`Sallyport: ${words}${subject === '' ? '' : `: ${subject}`}`, 200),
    text: `${blocks.filter((block) => block !== '').join('\n\n')}\n`,
  };
}

/** What a webhook is told: `{type, timestamp, data}` of Standard Webhooks, the same text at each try. */
export function composeWebhook(
  notice: ParsedNotice,
  to: { person: string } | { team: string },
  consoleUrl: string,
): string {
  return JSON.stringify({
    type: `notice.${notice.kind}`,
    timestamp: notice.at.toISOString(),
    data: {
      to,
      words: noticeLabels[notice.kind].words,
      subject: notice.subject,
      facts: notice.facts,
      url: new URL(linkOf(notice), consoleUrl).href,
    },
  });
}
