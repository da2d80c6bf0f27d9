import type { Metadata } from 'next';
import Link from 'next/link';
import '@/components/inventory/inventory.css';
import { ErrorsChart, ExchangesChart, TokensChart } from '@/components/overview/charts';
import { InstrumentStrip } from '@/components/overview/instrument-strip';
import { Needs } from '@/components/overview/needs';
import '@/components/overview/overview.css';
import { PeriodMenu } from '@/components/overview/period-menu';
import { Stats } from '@/components/overview/stats';
import { Actors, NamedTable } from '@/components/overview/tables';
import { viewerZone } from '@/components/shell/viewer-zone';
import { buttonClass } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Empty } from '@/components/ui/empty';
import { PageHead } from '@/components/ui/page-head';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import type { Params } from '@/lib/inventory/address';
import { countOpenShadow, openMax } from '@/lib/inventory/coverage/shadow/queries';
import { getInstrument } from '@/lib/inventory/health/queries';
import { thousands } from '@/lib/inventory/labels';
import { needsOf } from '@/lib/inventory/overview/needs';
import { againstOf, type Period, periodSearch, readPeriod } from '@/lib/inventory/overview/period';
import {
  actorsShown,
  compare,
  getPeriod,
  listActors,
  listBars,
  listNamed,
  sumOf,
} from '@/lib/inventory/overview/queries';
import { hasInteractions } from '@/lib/inventory/queries';
import { Part } from './part';

export const metadata: Metadata = { title: 'Overview' };

/** Each part is sent when it has been read, and fails by itself. */
export default async function OverviewPage({ searchParams }: { searchParams: Promise<Params> }) {
  const { scope } = await requirePerson();
  const now = systemClock();
  const params = await searchParams;
  const [period, zone] = await Promise.all([
    getPeriod(scope, readPeriod(params, now), now),
    viewerZone(),
  ]);
  const isWhole = params.identities === 'all';
  const parts = {
    compared: compare(scope, period),
    acting: listActors(scope, { period, isWhole }),
    models: listNamed(scope, period, 'models'),
    resources: listNamed(scope, period, 'resources'),
    instrument: getInstrument(scope, now),
    shadow: countOpenShadow(scope),
  };
  // What fails is told where it stands.
  for (const part of Object.values(parts)) part.catch(() => undefined);
  const bars = await listBars(scope, period, zone);
  const all = sumOf(bars.map(({ figures }) => figures));
  if (all.interactions === 0 && !(await hasInteractions(scope))) return <NothingYet />;
  const { length, done } = againstOf(period);
  return (
    <div className="overview">
      <PageHead
        title="Overview"
        actions={
          <>
            <span className="meta hide-s">
              Compared with the previous {length}
              {done === null ? '' : `, ${done} only`}
            </span>
            <PeriodMenu period={period} zone={zone} />
          </>
        }
      />
      {period.problems.map((problem) => (
        <div key={problem} className="sec">
          <Callout tone="review">{problem}</Callout>
        </div>
      ))}
      <Part of={Promise.all([parts.instrument, parts.shadow])}>
        {([instrument, shadow]) => (
          <Needs
            needs={needsOf(instrument, {
              count: Math.min(shadow, openMax),
              isMore: shadow > openMax,
            })}
          />
        )}
      </Part>
      <Part of={Promise.all([parts.compared, parts.acting])}>
        {([compared, { identities }]) => (
          <Stats
            period={period}
            all={all}
            identities={identities}
            actorsHref={allActors(period)}
            compared={compared}
          />
        )}
      </Part>
      <div className="cols c-21">
        <ExchangesChart period={period} bars={bars} zone={zone} />
        <NamedPart of={parts.models} period={period} what="models" />
      </div>
      <div className="cols c-3">
        <TokensChart period={period} bars={bars} zone={zone} />
        <ErrorsChart period={period} bars={bars} zone={zone} all={all} />
        <NamedPart of={parts.resources} period={period} what="resources" />
      </div>
      <div className="cols c-21">
        <section className="block" aria-labelledby="actors">
          <Part of={parts.acting}>
            {({ actors, identities }) => (
              <>
                <div className="sec-head">
                  <h2 id="actors">Identities</h2>
                  <span className="t3 s12">
                    {thousands(identities)} active, most exchanges first
                  </span>
                  {isWhole || identities < actorsShown ? null : (
                    <Link className="more" href={allActors(period)} prefetch={false}>
                      All
                    </Link>
                  )}
                </div>
                <Actors period={period} actors={actors} bars={bars.length} />
              </>
            )}
          </Part>
        </section>
        <Part of={parts.instrument}>
          {(instrument) => <InstrumentStrip instrument={instrument} />}
        </Part>
      </div>
    </div>
  );
}

/** The same page with every identity that acted. */
function allActors(period: Period): string {
  const search = new URLSearchParams(periodSearch(period));
  search.set('identities', 'all');
  return `/overview?${search}#actors`;
}

const namedWords = {
  models: { title: 'Models', did: 'asked' },
  resources: { title: 'Resources', did: 'used' },
} as const;

function NamedPart({
  of,
  period,
  what,
}: {
  of: ReturnType<typeof listNamed>;
  period: Period;
  what: 'models' | 'resources';
}) {
  const { title, did } = namedWords[what];
  return (
    <section className="sec" aria-labelledby={what}>
      <Part of={of}>
        {(found) => (
          <>
            <div className="sec-head">
              <h2 id={what}>{title}</h2>
              <span className="t3 s12">
                {thousands(found.of)} {did}
              </span>
            </div>
            <NamedTable period={period} what={what} named={found.named} />
          </>
        )}
      </Part>
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
