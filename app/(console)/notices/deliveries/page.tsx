import type { Metadata } from 'next';
import Link from 'next/link';
import { Problems } from '@/components/inventory/query-bar';
import { Visible } from '@/components/inventory/visible';
import { ActForm } from '@/components/notices/act-form';
import { DeliveryTable } from '@/components/notices/delivery-table';
import { LastDelivery } from '@/components/notices/last-delivery';
import '@/components/notices/notices.css';
import { WebhookForm } from '@/components/notices/webhook-form';
import { buttonClass } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Empty } from '@/components/ui/empty';
import { PageHead } from '@/components/ui/page-head';
import { Pager } from '@/components/ui/pager';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { config } from '@/lib/core/config';
import { stateLabels } from '@/lib/delivery/labels';
import { hasMail } from '@/lib/delivery/notify';
import {
  countDeliveries,
  listDeliveries,
  listTeamWebhooks,
  type TeamWebhook,
} from '@/lib/delivery/queries';
import { deliveryStates } from '@/lib/delivery/schema';
import { parseDeliveryView } from '@/lib/delivery/view';
import { thousands } from '@/lib/inventory/labels';
import { visibleText } from '@/lib/inventory/visible';
import { can, refusalOf } from '@/lib/people/permissions';
import { deleteWebhook, retry, rotateWebhook, saveWebhook, testWebhook } from '../actions';

export const metadata: Metadata = { title: 'Deliveries' };

const meta = 'What was sent to whom, and how that went';
const actions = {
  save: saveWebhook,
  rotate: rotateWebhook,
  remove: deleteWebhook,
  test: testWebhook,
};

export default async function DeliveriesPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { scope, person } = await requirePerson();
  if (!can(person, 'deliveries.write'))
    return (
      <>
        <PageHead title="Deliveries" meta={meta} />
        <Empty title="This is not for your roles">{refusalOf('deliveries.write')}</Empty>
      </>
    );
  const { problems, ...view } = parseDeliveryView(await searchParams);
  const now = systemClock();
  const [{ deliveries, hasMore }, counts, teams] = await Promise.all([
    listDeliveries(scope, view),
    countDeliveries(scope),
    listTeamWebhooks(scope),
  ]);
  const search = (extra: Record<string, string>) => {
    const params = new URLSearchParams({
      ...(view.state === null ? {} : { state: view.state }),
      ...extra,
    });
    return `/notices/deliveries${params.size === 0 ? '' : `?${params}`}`;
  };
  const last = deliveries.at(-1);
  const all = deliveryStates.reduce((sum, state) => sum + counts[state], 0);
  return (
    <>
      <PageHead title="Deliveries" meta={meta} />
      <div className="toolbar">
        <nav className="view-links" aria-label="States">
          <Link
            className={buttonClass({ size: 'small' })}
            href="/notices/deliveries"
            aria-current={view.state === null ? 'true' : undefined}
          >
            All {thousands(all)}
          </Link>
          {deliveryStates.map((state) => (
            <Link
              key={state}
              className={buttonClass({ size: 'small' })}
              href={`/notices/deliveries?state=${state}`}
              aria-current={view.state === state ? 'true' : undefined}
            >
              {stateLabels[state].word} {thousands(counts[state])}
            </Link>
          ))}
        </nav>
        <span className="grow" />
        {view.state === 'dead' && counts.dead > 0 ? (
          <ActForm action={retry} id="all" label="Try all again" looksAgain />
        ) : null}
      </div>
      <Problems problems={problems} />
      {hasMail(config()) ? null : (
        <div className="sec">
          <Callout>
            No e-mail is sent: set SMTP_URL and SMTP_FROM for that, and start Sallyport again.
          </Callout>
        </div>
      )}
      {all === 0 ? (
        <Empty title="Nothing was sent yet">
          Each e-mail and each message to a webhook stands here, from when it waits until it was
          sent or given up.
        </Empty>
      ) : (
        <div>
          <DeliveryTable deliveries={deliveries} now={now} retry={retry} />
          <Pager
            order="other"
            back={
              view.after === null ? { unavailable: 'This is the first page' } : { href: search({}) }
            }
            on={
              hasMore && last !== undefined
                ? { href: search({ after: last.id }) }
                : { unavailable: 'There are no more' }
            }
          >
            Newest first. What was sent is kept 30 days, what is dead 90.
          </Pager>
        </div>
      )}
      <section className="sec" aria-labelledby="teams">
        <div className="sec-head">
          <h2 id="teams">Webhooks of teams</h2>
        </div>
        {teams.length === 0 ? (
          <p className="t2 s12">There are no teams yet.</p>
        ) : (
          <ul className="team-webhooks">
            {teams.map((team) => (
              <Team key={team.team} team={team} now={now} />
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

function Team({ team: { team, name, webhook }, now }: { team: TeamWebhook; now: Date }) {
  return (
    <li>
      <h3>
        <Visible text={name} oneLine />
      </h3>
      <WebhookForm
        team={team}
        of={`of ${visibleText(name)}`}
        webhook={webhook === null ? null : { url: webhook.url, host: webhook.host }}
        actions={actions}
      />
      {webhook === null ? null : <LastDelivery last={webhook.last} now={now} />}
    </li>
  );
}
