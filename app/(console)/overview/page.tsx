import type { Metadata } from 'next';
import Link from 'next/link';
import '@/components/inventory/inventory.css';
import { ErrorsChart, InteractionsChart, TokensChart } from '@/components/overview/charts';
import { Needs } from '@/components/overview/needs';
import '@/components/overview/overview.css';
import { PeriodMenu } from '@/components/overview/period-menu';
import { Stats } from '@/components/overview/stats';
import { Actors, NamedTable } from '@/components/overview/tables';
import { viewerZone } from '@/components/shell/viewer-zone';
import { State } from '@/components/ui/badge';
import { buttonClass } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Empty } from '@/components/ui/empty';
import { KeyValue } from '@/components/ui/key-value';
import { PageHead } from '@/components/ui/page-head';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { type Params, unregistered } from '@/lib/inventory/address';
import { getInstrument } from '@/lib/inventory/health/queries';
import type { Instrument } from '@/lib/inventory/health/schema';
import { countText, thousands } from '@/lib/inventory/labels';
import { entriesHref } from '@/lib/inventory/overview/links';
import { needsOf } from '@/lib/inventory/overview/needs';
import { lengthOf, readPeriod } from '@/lib/inventory/overview/period';
import {
  compare,
  getPeriod,
  listActors,
  listBars,
  listNamed,
  sumOf,
} from '@/lib/inventory/overview/queries';
import { hasInteractions } from '@/lib/inventory/queries';
import { duration } from '@/lib/inventory/time';

export const metadata: Metadata = { title: 'Overview' };

export default async function OverviewPage({ searchParams }: { searchParams: Promise<Params> }) {
  const { scope } = await requirePerson();
  const now = systemClock();
  const [period, zone] = await Promise.all([
    getPeriod(scope, readPeriod(await searchParams, now), now),
    viewerZone(),
  ]);
  const [bars, compared, { actors, identities }, models, resources, instrument] = await Promise.all(
    [
      listBars(scope, period, zone),
      compare(scope, period),
      listActors(scope, period),
      listNamed(scope, period, 'models'),
      listNamed(scope, period, 'resources'),
      getInstrument(scope, now),
    ],
  );
  const all = sumOf(bars.map(({ figures }) => figures));
  if (all.interactions === 0 && !(await hasInteractions(scope))) return <NothingYet />;
  const shadow = {
    interactions: all.shadow,
    href: entriesHref({ identity: [unregistered] }, period),
  };
  return (
    <div className="overview">
      <PageHead
        title="Overview"
        actions={
          <>
            <span className="meta hide-s">Compared with the previous {lengthOf(period)}</span>
            <PeriodMenu period={period} />
          </>
        }
      />
      {period.problems.map((problem) => (
        <div key={problem} className="sec">
          <Callout tone="review">{problem}</Callout>
        </div>
      ))}
      <Needs needs={needsOf(instrument, shadow)} />
      <Stats period={period} all={all} identities={identities} compared={compared} />
      <div className="cols c-21">
        <InteractionsChart period={period} bars={bars} zone={zone} />
        <section className="sec" aria-labelledby="models">
          <div className="sec-head">
            <h2 id="models">Models</h2>
            <span className="t3 s12">{thousands(models.of)} asked</span>
          </div>
          <NamedTable period={period} what="models" named={models.named} />
        </section>
      </div>
      <div className="cols c-3">
        <TokensChart period={period} bars={bars} zone={zone} />
        <ErrorsChart period={period} bars={bars} zone={zone} all={all} />
        <section className="sec" aria-labelledby="resources">
          <div className="sec-head">
            <h2 id="resources">Resources</h2>
            <span className="t3 s12">{thousands(resources.of)} used</span>
          </div>
          <NamedTable period={period} what="resources" named={resources.named} />
        </section>
      </div>
      <div className="cols c-21">
        <section className="block" aria-labelledby="actors">
          <div className="sec-head">
            <h2 id="actors">Identities</h2>
            <span className="t3 s12">{thousands(identities)} active, most interactions first</span>
          </div>
          <Actors period={period} actors={actors} bars={bars.length} />
        </section>
        <InstrumentStrip instrument={instrument} />
      </div>
    </div>
  );
}

function InstrumentStrip({ instrument }: { instrument: Instrument }) {
  const { ingest, projections, lagMs, quarantined } = instrument;
  return (
    <section className="sec" aria-labelledby="instrument">
      <div className="sec-head">
        <h2 id="instrument">Is the instrument healthy</h2>
        <Link className="more" href="/health" prefetch={false}>
          Health
        </Link>
      </div>
      <KeyValue
        lined
        rows={[
          [
            'Ingest',
            <State key="ingest" tone={ingest.tone} title={ingest.sentence}>
              {ingest.word}
            </State>,
          ],
          [
            'Counts',
            <State key="counts" tone={projections.tone} title={projections.sentence}>
              {projections.word}
            </State>,
          ],
          ['Behind the log', lagMs === null ? 'unknown' : duration(lagMs)],
          [
            'Quarantined',
            <Link key="quarantined" href="/health/quarantine" prefetch={false}>
              {countText(quarantined)} {quarantined.count === 1 ? 'item' : 'items'}
            </Link>,
          ],
        ]}
      />
    </section>
  );
}

function NothingYet() {
  return (
    <>
      <PageHead title="Overview" />
      <Empty
        title="Nothing has reported yet"
        action={
          <Link className={buttonClass({ variant: 'primary' })} href="/connect">
            Connect an agent
          </Link>
        }
      >
        Figures appear with the first interaction.
      </Empty>
    </>
  );
}
