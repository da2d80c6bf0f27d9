import { State, type StateTone } from '@/components/ui/badge';
import { NoRows, Table } from '@/components/ui/table';
import { isWildcard } from '@/lib/identities/external/host-name';
import type { ExternalApi, Probe, ProbeOutcome } from '@/lib/identities/external/schema';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';

const outcomes: Record<ProbeOutcome, { tone: StateTone; word: string }> = {
  verified: { tone: 'on', word: 'Verified' },
  unverified: { tone: 'bad', word: 'Unverified' },
  unreachable: { tone: 'wait', word: 'Not reached' },
};

/** What each registered host showed when it was asked last. */
export function ProbeTable({
  api: { hosts, probes },
  now,
}: {
  api: Pick<ExternalApi, 'hosts' | 'probes'>;
  now: Date;
}) {
  return (
    <Table caption="Registered hosts" rows="entity" head={<Head />}>
      {hosts.length === 0 ? <NoRows columns={5}>No host is registered.</NoRows> : null}
      {hosts.map((host) => (
        <Row key={host} host={host} probe={probes.find((each) => each.host === host)} now={now} />
      ))}
    </Table>
  );
}

function Row({ host, probe, now }: { host: string; probe: Probe | undefined; now: Date }) {
  if (probe === undefined)
    return (
      <tr>
        <th scope="row" className="mono">
          {host}
        </th>
        <td colSpan={4} className="t2">
          {isWildcard(host)
            ? 'Has no address of its own that could be asked.'
            : 'Is about to be asked.'}
        </td>
      </tr>
    );
  const { tone, word } = outcomes[probe.outcome];
  return (
    <tr>
      <th scope="row" className="mono">
        {host}
      </th>
      <td>
        <State tone={tone}>{word}</State>
      </td>
      <td className="settings-cell">
        {visibleText(probe.reason)}
        {probe.subject === null ? null : (
          <span className="t3 s12"> {visibleText(probe.subject)}</span>
        )}
      </td>
      <td className="t2 p3" title={probe.endsAt === null ? undefined : utcTime(probe.endsAt)}>
        {probe.endsAt === null ? '' : relativeTime(probe.endsAt, now)}
      </td>
      <td className="t2 p4" title={utcTime(probe.probedAt)}>
        {relativeTime(probe.probedAt, now)}
      </td>
    </tr>
  );
}

const Head = () => (
  <>
    <th scope="col">Host</th>
    <th scope="col">Origin</th>
    <th scope="col">What it showed</th>
    <th scope="col" className="p3">
      Certificate ends
    </th>
    <th scope="col" className="p4">
      Asked
    </th>
  </>
);
