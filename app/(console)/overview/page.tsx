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
import { listUnverified } from '@/lib/identities/external/queries';
import type { Params } from '@/lib/inventory/address';
import { countOpenShadow, openMax } from '@/lib/inventory/coverage/shadow/queries';
import { countUnowned } from '@/lib/inventory/coverage/unowned/queries';
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
import { seesAll } from '@/lib/inventory/reach';
import { countOpenBehind } from '@/lib/people/behind/queries';
import { countUndecided } from '@/lib/resources/definitions/queries';
import { Beside, Part } from './part';

export const metadata: Metadata = { title: 'Overview' };

/** Once it is known of when it tells, each part is sent when it has been read, and fails by itself. */
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
    figures: listBars(scope, period, zone).then((bars) => ({
      bars,
      all: sumOf(bars.map(({ figures }) => figures)),
    })),
    compared: compare(scope, period),
    acting: listActors(scope, { period, isWhole }),
    models: listNamed(scope, period, 'models'),
    resources: listNamed(scope, period, 'resources'),
    instrument: getInstrument(scope, now),
    shadow: countOpenShadow(scope),
    unowned: countUnowned(scope),
    definitions: countUndecided(scope),
    behind: countOpenBehind(scope),
    strange: listUnverified(scope, now),
  };
  // What fails is told where it stands.
  for (const part of Object.values(parts)) part.catch(() => undefined);
  // Figures outlive the entries they were counted from.
  const isNothing = ({ all }: Awaited<typeof parts.figures>) => all.interactions === 0;
  if (!(await hasInteractions(scope)) && (await parts.figures.then(isNothing, () => false)))
    return <NothingYet />;
  const { length, done } = againstOf(period);
  return (
    <div className="overview">
      <PageHead
        title="Overview"
        {...(seesAll(scope) ? {} : { meta: 'Of your teams alone' })}
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
      <Part
        name="What needs a person"
        of={Promise.all([
          parts.instrument,
          parts.shadow,
          parts.behind,
          parts.unowned,
          parts.definitions,
          parts.strange,
        ])}
      >
        {([instrument, shadow, behind, unowned, definitions, strange]) => (
          <Needs
            needs={needsOf(instrument, {
              shadow: { count: Math.min(shadow, openMax), isMore: shadow > openMax },
              behind,
              unowned,
              definitions,
              strange,
            })}
          />
        )}
      </Part>
      <Part
        name="The figures of the period"
        of={Promise.all([parts.figures, parts.compared, parts.acting])}
      >
        {([{ all }, compared, { identities }]) => (
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
        <Part name="Exchanges over time" of={parts.figures}>
          {({ bars }) => <ExchangesChart period={period} bars={bars} zone={zone} />}
        </Part>
        <NamedPart of={parts.models} period={period} what="models" />
      </div>
      <div className="cols c-3">
        <Part name="Tokens over time" of={parts.figures}>
          {({ bars }) => <TokensChart period={period} bars={bars} zone={zone} />}
        </Part>
        <Part name="Errors over time" of={parts.figures}>
          {({ bars, all }) => <ErrorsChart period={period} bars={bars} zone={zone} all={all} />}
        </Part>
        <NamedPart of={parts.resources} period={period} what="resources" />
      </div>
      <div className="cols c-21">
        <section className="block" aria-labelledby="actors">
          <div className="sec-head">
            <h2 id="actors">Identities</h2>
            <Beside of={parts.acting}>
              {({ identities }) => (
                <>
                  <span className="t3 s12">
                    {thousands(identities)} active, most exchanges first
                  </span>
                  {isWhole || identities < actorsShown ? null : (
                    <Link className="more" href={allActors(period)} prefetch={false}>
                      All
                    </Link>
                  )}
                </>
              )}
            </Beside>
          </div>
          <Part name="Identities" of={Promise.all([parts.acting, parts.figures])}>
            {([{ actors }, { bars }]) => (
              <Actors period={period} actors={actors} bars={bars.length} />
            )}
          </Part>
        </section>
        <Part name="Whether the instrument is healthy" of={parts.instrument}>
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
      <div className="sec-head">
        <h2 id={what}>{title}</h2>
        <Beside of={of}>
          {(found) => (
            <span className="t3 s12">
              {thousands(found.of)} {did}
            </span>
          )}
        </Beside>
      </div>
      <Part name={title} of={of}>
        {({ named }) => <NamedTable period={period} what={what} named={named} />}
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
