import { Visible } from '@/components/inventory/visible';
import { State } from '@/components/ui/badge';
import { NoRows, Table } from '@/components/ui/table';
import { channelLabels, deliveryWords, stateLabels } from '@/lib/delivery/labels';
import { triesMax } from '@/lib/delivery/retry';
import type { Delivery, NoticeAction } from '@/lib/delivery/schema';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { ActForm } from './act-form';

/** What was sent to whom and how that went, newest first. */
export function DeliveryTable({
  deliveries,
  now,
  retry,
}: {
  deliveries: readonly Delivery[];
  now: Date;
  retry: NoticeAction;
}) {
  return (
    <Table caption="Deliveries, newest first" rows="entity" head={<Head />}>
      {deliveries.map((delivery) => (
        <tr key={delivery.id}>
          <th scope="row">
            <State tone={stateLabels[delivery.state].tone}>
              {stateLabels[delivery.state].word}
            </State>
          </th>
          <td>{channelLabels[delivery.channel]}</td>
          <td className="cut" title={delivery.target}>
            <Visible text={delivery.target} oneLine />
          </td>
          <td className="p3">
            {delivery.who === null ? (
              <span className="t3">an address</span>
            ) : (
              <Visible text={delivery.who} oneLine />
            )}
          </td>
          <td className="p2 cut" title={delivery.subject}>
            {deliveryWords(delivery.kind)}
            {delivery.subject === '' ? null : (
              <span className="t2">
                {' '}
                <Visible text={delivery.subject} oneLine />
              </span>
            )}
          </td>
          <td className="num">
            {delivery.tries} <span className="t3">of {triesMax}</span>
          </td>
          <td className="t2">
            <When delivery={delivery} now={now} />
          </td>
          <td className="p2 cut t2" title={delivery.lastError ?? undefined}>
            {delivery.lastError === null ? '' : <Visible text={delivery.lastError} oneLine />}
          </td>
          <td>
            {delivery.state === 'dead' && delivery.isSendable ? (
              <ActForm
                action={retry}
                id={delivery.id}
                label="Try again"
                longLabel={`Try again to send to ${delivery.target}`}
                isSmall
                looksAgain
              />
            ) : null}
          </td>
        </tr>
      ))}
      {deliveries.length === 0 ? (
        <NoRows columns={9}>Nothing of this state was sent or is to be.</NoRows>
      ) : null}
    </Table>
  );
}

function When({ delivery, now }: { delivery: Delivery; now: Date }) {
  const { state, dueAt, endedAt, createdAt } = delivery;
  const at = endedAt ?? dueAt;
  const made = `Made ${utcTime(createdAt)}`;
  if (state === 'waiting' && dueAt <= now) return <span title={made}>Due now</span>;
  return (
    <span title={`${utcTime(at)}. ${made}`}>
      {state === 'waiting' ? `Next try ${relativeTime(at, now)}` : relativeTime(at, now)}
    </span>
  );
}

function Head() {
  return (
    <>
      <th scope="col">State</th>
      <th scope="col">Channel</th>
      <th scope="col">To</th>
      <th scope="col" className="p3">
        For
      </th>
      <th scope="col" className="p2">
        What
      </th>
      <th scope="col" className="num">
        Tries
      </th>
      <th scope="col">When</th>
      <th scope="col" className="p2">
        Last error
      </th>
      <th scope="col">
        <span className="vh">Actions</span>
      </th>
    </>
  );
}
