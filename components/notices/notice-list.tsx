import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { State, type StateTone } from '@/components/ui/badge';
import { buttonClass } from '@/components/ui/button';
import { factText, factWord, type NoticeTone, noticeLabels } from '@/lib/delivery/labels';
import type { Notice, NoticeAction } from '@/lib/delivery/schema';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { ActForm } from './act-form';

const dots: Record<NoticeTone, StateTone> = { info: 'on', review: 'wait', critical: 'bad' };

/** What one was told, in the order of the query; each leads to the page that it is about. */
export function NoticeList({
  notices,
  now,
  read,
}: {
  notices: readonly Notice[];
  now: Date;
  read: NoticeAction;
}) {
  return (
    <ul className="notices" id="notice-list" tabIndex={-1} aria-label="Notices, unread first">
      {notices.map((notice) => (
        <NoticeItem key={notice.id} notice={notice} now={now} read={read} />
      ))}
    </ul>
  );
}

function NoticeItem({ notice, now, read }: { notice: Notice; now: Date; read: NoticeAction }) {
  const { words, tone } = noticeLabels[notice.kind];
  const facts = Object.entries(notice.facts);
  const isUnread = notice.readAt === null;
  return (
    <li className={isUnread ? 'unread' : ''}>
      <div className="what">
        <p>
          <State tone={isUnread ? dots[tone] : 'none'}>{isUnread ? 'Unread' : 'Read'}</State>
          <b>{words}</b>
          {notice.subject === '' ? null : (
            <span>
              <Visible text={notice.subject} oneLine />
            </span>
          )}
        </p>
        {facts.length === 0 ? null : (
          <p className="s12 t2 facts-line">
            {facts.map(([name, value]) => (
              <span key={name}>
                <span className="t3">{factWord(name)}</span>{' '}
                <Visible text={factText(value)} oneLine />
              </span>
            ))}
          </p>
        )}
      </div>
      <time
        className="s12 t3"
        dateTime={notice.createdAt.toISOString()}
        title={utcTime(notice.createdAt)}
      >
        {relativeTime(notice.createdAt, now)}
      </time>
      <div className="row do">
        <Link
          className={buttonClass({ size: 'small', variant: 'ghost' })}
          href={notice.link}
          prefetch={false}
          aria-label={`Open: ${words}`}
        >
          Open
        </Link>
        {isUnread ? (
          <ActForm
            action={read}
            id={notice.id}
            label="Mark read"
            longLabel={`Mark read: ${words}`}
            isSmall
            goesTo="notice-list"
          />
        ) : null}
      </div>
    </li>
  );
}
