import Link from 'next/link';
import { Disclosure } from '@/components/ui/disclosure';
import { Table } from '@/components/ui/table';
import { type Filter, viewSearch } from '@/lib/inventory/address';
import type { Pulse } from '@/lib/inventory/counts/queries';
import { countText, thousands } from '@/lib/inventory/labels';
import type { Count } from '@/lib/inventory/schema';
import { duration, zonedTime, zoneWord } from '@/lib/inventory/time';

type Bar = { at: Date; interactions: number; href: string; title: string };

/**
 * How many match, and when: a bar leads to the list of its time. Bars only where they can be exact; a total
 * that is null was too much to count.
 */
export function PulseBars({
  pulse,
  total,
  filter,
  zone,
}: {
  pulse: Pulse | null;
  total: Count | null;
  filter: Filter;
  zone: string;
}) {
  return (
    <div className="pulse">
      <div className="s11 t3">
        {total === null ? 'Uncounted' : countText(total)}
        <br />
        match
      </div>
      {pulse === null ? (
        <p className="s11 t3">
          Bars of other terms than identity, kind and status are drawn for 10,000 matches at most.
        </p>
      ) : (
        <Plot bars={barsOf(pulse, { filter, zone })} stepMinutes={pulse.stepMinutes} />
      )}
      {pulse === null ? null : (
        <Figures bars={barsOf(pulse, { filter, zone })} pulse={pulse} zone={zone} />
      )}
    </div>
  );
}

function barsOf(
  { bars, isCounted }: Pulse,
  { filter, zone }: { filter: Filter; zone: string },
): Bar[] {
  const counted: Filter = isCounted ? { ...filter, isCounted } : filter;
  return bars.map(({ at, to, interactions }) => {
    const title = `${zonedTime(at, zone).slice(5, 16)} to ${zonedTime(to, zone).slice(11, 16)}`;
    const href = `/inventory${viewSearch({ filter: counted, range: { preset: null, from: at, to } })}`;
    return { at, interactions, href, title };
  });
}

const peakOf = (bars: readonly Bar[]): number =>
  Math.max(1, ...bars.map(({ interactions }) => interactions));

/** For pointers; whoever reads or uses keys has the table. */
function Plot({ bars, stepMinutes }: { bars: readonly Bar[]; stepMinutes: number }) {
  const peak = peakOf(bars);
  const width = 960 / Math.max(1, bars.length);
  return (
    <>
      <p className="vh">
        Interactions over the time range, at most {thousands(peak)} in{' '}
        {duration(stepMinutes * 60_000)}.
      </p>
      <svg className="pulse-plot" viewBox="0 0 960 100" preserveAspectRatio="none" aria-hidden>
        {bars.map(({ at, interactions, href, title }, index) => {
          const height = interactions === 0 ? 0 : Math.max(3, (interactions / peak) * 100);
          return (
            <Link key={at.toISOString()} href={href} tabIndex={-1} prefetch={false}>
              <title>{`${title}: ${thousands(interactions)}`}</title>
              <rect
                className="hit"
                x={(index * width).toFixed(2)}
                width={width.toFixed(2)}
                y="0"
                height="100"
              />
              <rect
                x={(index * width + width * 0.1).toFixed(2)}
                width={(width * 0.8).toFixed(2)}
                y={(100 - height).toFixed(2)}
                height={height.toFixed(2)}
              />
            </Link>
          );
        })}
      </svg>
    </>
  );
}

function Figures({ bars, pulse, zone }: { bars: readonly Bar[]; pulse: Pulse; zone: string }) {
  return (
    <div className="s11 t3 num">
      {thousands(peakOf(bars))} at most
      <br />
      {duration(pulse.stepMinutes * 60_000)} a bar
      {bars.every(({ interactions }) => interactions === 0) ? null : (
        <Disclosure
          key={bars[0]?.href}
          className="range-menu pulse-table"
          summary="View as table"
          summaryClass="tone-accent"
        >
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
          <section className="popover" aria-label="Interactions by time" tabIndex={0}>
            <Table
              caption="Interactions by time, each exchange once, without the times that have none"
              inset
              head={
                <>
                  <th scope="col">From, {zoneWord(zone)}</th>
                  <th scope="col" className="num">
                    Interactions
                  </th>
                </>
              }
            >
              {bars
                .filter(({ interactions }) => interactions > 0)
                .map(({ at, interactions, href, title }) => (
                  <tr key={at.toISOString()}>
                    <th scope="row" className="mono">
                      <Link href={href} prefetch={false}>
                        {title}
                      </Link>
                    </th>
                    <td className="num">{thousands(interactions)}</td>
                  </tr>
                ))}
            </Table>
          </section>
        </Disclosure>
      )}
    </div>
  );
}
