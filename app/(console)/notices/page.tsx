import type { Metadata } from 'next';
import Link from 'next/link';
import { Problems } from '@/components/inventory/query-bar';
import { ActForm } from '@/components/notices/act-form';
import { NoticeList } from '@/components/notices/notice-list';
import '@/components/notices/notices.css';
import { WhereNoticesGo } from '@/components/notices/where-notices-go';
import { buttonClass } from '@/components/ui/button';
import { Empty } from '@/components/ui/empty';
import { PageHead } from '@/components/ui/page-head';
import { Pager } from '@/components/ui/pager';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { config } from '@/lib/core/config';
import { hasMail } from '@/lib/delivery/notify';
import { countUnread, findOwnWebhook, listNotices, unreadMax } from '@/lib/delivery/queries';
import { formatNoticeCursor, parseNoticeView } from '@/lib/delivery/view';
import {
  deleteWebhook,
  markRead,
  rotateWebhook,
  saveWebhook,
  testMine,
  testWebhook,
} from './actions';

export const metadata: Metadata = { title: 'Notices' };

const actions = {
  save: saveWebhook,
  rotate: rotateWebhook,
  remove: deleteWebhook,
  test: testWebhook,
};

export default async function NoticesPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { scope, person } = await requirePerson();
  const { problems, ...view } = parseNoticeView(await searchParams);
  const now = systemClock();
  const [{ notices, hasMore }, unread, webhook] = await Promise.all([
    listNotices(scope, view),
    countUnread(scope),
    findOwnWebhook(scope),
  ]);
  const last = notices.at(-1);
  const here = view.show === 'unread' ? '?show=unread' : '?show=all';
  return (
    <>
      <PageHead
        title="Notices"
        meta="What concerns you, your roles, your teams and what you answer for"
        state={
          <span className="t2 s12">{unread > unreadMax ? `${unreadMax}+` : unread} unread</span>
        }
      />
      <div className="toolbar">
        <nav className="view-links" aria-label="Which notices">
          {(['all', 'unread'] as const).map((show) => (
            <Link
              key={show}
              className={buttonClass({ size: 'small' })}
              href={`/notices?show=${show}`}
              aria-current={view.show === show ? 'true' : undefined}
            >
              {show === 'all' ? 'All' : 'Unread'}
            </Link>
          ))}
        </nav>
        <span className="grow" />
        {unread === 0 ? null : (
          <ActForm action={markRead} id="all" label="Mark all read" goesTo="notice-list" />
        )}
      </div>
      <Problems problems={problems} />
      <div className="notice-page">
        <div>
          {notices.length === 0 ? (
            <Empty
              title={
                view.show === 'unread' ? 'Nothing is unread' : 'Nobody has told you anything yet'
              }
            >
              What you have to know appears here: a sign-in from a new place, a change of your
              rights, an identity of yours in trouble.
            </Empty>
          ) : (
            <NoticeList notices={notices} now={now} read={markRead} />
          )}
          {view.after === null && !hasMore ? null : (
            <Pager
              order="other"
              back={
                view.after === null
                  ? { unavailable: 'This is the first page' }
                  : { href: `/notices${here}` }
              }
              on={
                hasMore && last !== undefined
                  ? { href: `/notices${here}&after=${formatNoticeCursor(last)}` }
                  : { unavailable: 'There are no more' }
              }
            >
              Unread first, then newest first
            </Pager>
          )}
        </div>
        <WhereNoticesGo
          email={person.email}
          hasMail={hasMail(config())}
          webhook={webhook}
          now={now}
          test={testMine}
          actions={actions}
        />
      </div>
    </>
  );
}
