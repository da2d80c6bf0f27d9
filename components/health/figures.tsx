'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { LiveProvider, readLive } from '@/components/inventory/live';
import { State } from '@/components/ui/badge';
import { Callout } from '@/components/ui/callout';
import { KeyValue } from '@/components/ui/key-value';
import { NoRows, Table } from '@/components/ui/table';
import { assessIngest, assessProjections } from '@/lib/inventory/health/assess';
import { type Finding, Health } from '@/lib/inventory/health/schema';
import { countText, thousands } from '@/lib/inventory/labels';
import { duration, relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import { RateChart } from './rate-chart';

const everyMs = 5000;

export function HealthFigures({ first }: { first: Health }) {
  return (
    <LiveProvider>
      <Live first={first} />
    </LiveProvider>
  );
}

function Live({ first }: { first: Health }) {
  const { data, error } = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => readLive(Health, '/api/live/health', signal),
    initialData: first,
    refetchInterval: everyMs,
  });
  const ingest = assessIngest(data);
  const projections = assessProjections(data);
  return (
    <>
      {error === null ? null : (
        <div className="sec">
          <Callout tone="critical" live>
            These figures are of {utcTime(new Date(data.at))}: the console did not answer since.
          </Callout>
        </div>
      )}
      <Findings ingest={ingest} projections={projections} />
      <Stats health={data} />
      <RateChart minutes={data.minutes} />
      <Processes health={data} />
      <Projections health={data} />
      <Instrument health={data} />
    </>
  );
}

function Findings({ ingest, projections }: { ingest: Finding; projections: Finding }) {
  return (
    <section className="sec findings" aria-label="State in words">
      <p>
        <b>Ingest</b> <State tone={ingest.tone}>{ingest.word}</State>{' '}
        <span className="t2">{ingest.sentence}</span>
      </p>
      <p>
        <b>Projections</b> <State tone={projections.tone}>{projections.word}</State>{' '}
        <span className="t2">{projections.sentence}</span>
      </p>
    </section>
  );
}

/** The sum or the largest of what live gateways say; null when none says it. */
function overGateways(
  health: Health,
  figure: 'itemsPerSecond' | 'ackP50Ms' | 'ackP99Ms' | 'queuedItems' | 'diskFreeMb',
  combine: (values: number[]) => number,
): number | null {
  const values = health.processes.flatMap(({ gateway, isSilent }) =>
    isSilent ? [] : (gateway?.[figure] ?? []),
  );
  return values.length === 0 ? null : combine(values);
}

const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
const largest = (values: number[]) => Math.max(...values);
const smallest = (values: number[]) => Math.min(...values);

function Stats({ health }: { health: Health }) {
  const rate = overGateways(health, 'itemsPerSecond', sum);
  const p50 = overGateways(health, 'ackP50Ms', largest);
  const p99 = overGateways(health, 'ackP99Ms', largest);
  const queued = overGateways(health, 'queuedItems', sum);
  const free = overGateways(health, 'diskFreeMb', smallest);
  const lags = health.processes.flatMap(({ worker, isSilent }) =>
    isSilent ? [] : (worker?.lagMs ?? []),
  );
  const { count, isMore } = health.quarantined;
  return (
    <div className="stats">
      <Stat
        label="Rate"
        value={known(rate, (n) => thousands(Math.round(n)))}
        unit="a second"
        detail={`${thousands(health.interactions24h)} in 24 hours`}
      />
      <Stat
        label="Acknowledged in"
        value={known(p99, ms)}
        unit="p99"
        detail={`p50 ${known(p50, ms)}`}
      />
      <Stat
        label="Waiting to be written"
        value={known(queued, thousands)}
        unit="items"
        detail="beyond the bound, senders get 429"
      />
      <Stat
        label="Projection lag"
        value={lags.length === 0 ? 'unknown' : duration(largest(lags))}
        detail="counts follow the log"
      />
      <Stat
        label="Quarantine"
        value={countText({ count, isMore })}
        unit="items"
        detail={<Link href="/health/quarantine">See what was refused</Link>}
      />
      <Stat
        label="Disk free"
        value={known(free, (mb) =>
          mb >= 10_240
            ? `${thousands(Math.round(mb / 1024))} GB`
            : `${thousands(Math.round(mb))} MB`,
        )}
        detail={`ingest stops below ${thousands(health.settings.diskMinMb)} MB`}
      />
    </div>
  );
}

const known = (value: number | null, words: (value: number) => string): string =>
  value === null ? 'unknown' : words(value);
const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

function Stat({
  label,
  value,
  unit,
  detail,
}: {
  label: string;
  value: string;
  unit?: string;
  detail: ReactNode;
}) {
  return (
    <div className="stat">
      <div className="l">{label}</div>
      <div className="v">
        {value} {unit === undefined || value === 'unknown' ? null : <small>{unit}</small>}
      </div>
      <div className="d">{detail}</div>
    </div>
  );
}

function Processes({ health }: { health: Health }) {
  const now = new Date(health.at);
  return (
    <section className="block" aria-labelledby="processes">
      <h2 id="processes">Processes</h2>
      <Table
        caption="Processes seen"
        head={
          <>
            <th scope="col">Process</th>
            <th scope="col">State</th>
            <th scope="col">Seen</th>
            <th scope="col" className="p2">
              Running
            </th>
            <th scope="col" className="num p2">
              Memory
            </th>
            <th scope="col" className="num p3">
              Accepted
            </th>
            <th scope="col" className="num p3">
              Refused
            </th>
            <th scope="col" className="num p4">
              Duplicates
            </th>
            <th scope="col" className="p4">
              Version
            </th>
          </>
        }
      >
        {health.processes.map((process) => {
          const rss = process.gateway?.rssMb ?? process.worker?.rssMb ?? null;
          const { gateway } = process;
          return (
            <tr key={process.id}>
              <th scope="row" className="w-max">
                {process.role} <span className="id">{process.id.slice(-12)}</span>
                {gateway?.shard == null ? null : <span className="t3"> shard {gateway.shard}</span>}
              </th>
              <td>
                <State tone={process.isSilent ? 'bad' : 'on'}>
                  {process.isSilent ? 'Silent' : 'Running'}
                </State>
              </td>
              <td className="t2" title={utcTime(new Date(process.seenAt))}>
                {relativeTime(new Date(process.seenAt), now)}
              </td>
              <td className="t2 p2" title={`Since ${utcTime(new Date(process.startedAt))}`}>
                {duration(Math.max(0, now.getTime() - Date.parse(process.startedAt)))}
              </td>
              <td className="num t2 p2">
                {rss === null ? '' : `${thousands(Math.round(rss))} MB`}
              </td>
              <td className="num t2 p3">{figure(gateway?.acceptedTotal)}</td>
              <td className="num t2 p3">{figure(gateway?.refusedTotal)}</td>
              <td className="num t2 p4">{figure(gateway?.duplicatesTotal)}</td>
              <td className="t2 p4">{visibleText(process.version)}</td>
            </tr>
          );
        })}
        {health.processes.length === 0 ? (
          <NoRows columns={9}>No process has reported yet.</NoRows>
        ) : null}
      </Table>
    </section>
  );
}

const figure = (value: number | null | undefined): string =>
  value == null ? '' : thousands(value);

function Projections({ health }: { health: Health }) {
  const projections = health.processes.flatMap(({ worker, isSilent }) =>
    isSilent ? [] : (worker?.projections ?? []),
  );
  if (projections.length === 0) return null;
  return (
    <section className="block" aria-labelledby="projections">
      <h2 id="projections">Projections</h2>
      <Table
        caption="Projections by shard"
        head={
          <>
            <th scope="col">Projection</th>
            <th scope="col">Shard</th>
            <th scope="col" className="num">
              Entries behind
            </th>
            <th scope="col" className="num">
              Behind by
            </th>
          </>
        }
      >
        {projections.map(({ name, shard, lagEntries, lagMs }) => (
          <tr key={`${name} ${shard}`}>
            <th scope="row" className="mono w-max">
              {visibleText(name)}
            </th>
            <td>{shard}</td>
            <td className="num">{known(lagEntries, thousands)}</td>
            <td className="num">{known(lagMs, duration)}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

const contentWords: Record<string, string | undefined> = {
  keep: 'kept as sent',
  redact: 'kept, known secrets redacted before storage',
  digest: 'reduced to size and digest',
};

function Instrument({ health }: { health: Health }) {
  const { versions, settings } = health;
  return (
    <section className="sec" aria-label="Versions and retention">
      <KeyValue
        rows={[
          ['Sallyport', visibleText(versions.product)],
          ['PostgreSQL', versions.postgres],
          ['Node', versions.node],
          [
            'Schema',
            <span key="schema" className="mono">
              {versions.schema}
            </span>,
          ],
          ['Content', contentWords[settings.content] ?? settings.content],
          [
            'Kept for',
            `${thousands(settings.retentionBodyDays)} days of input and output, ${thousands(settings.retentionFactsDays)} days of facts`,
          ],
        ]}
      />
    </section>
  );
}
