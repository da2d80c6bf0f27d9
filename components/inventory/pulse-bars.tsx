import Link from 'next/link';
import { Table } from '@/components/ui/table';
import { type Filter, type Range, viewSearch } from '@/lib/inventory/address';
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
  range,
  zone,
}: {
  pulse: Pulse | null;
  total: Count | null;
  filter: Filter;
  range: Range;
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
        <Plot bars={barsOf(pulse, { filter, range, zone })} stepMinutes={pulse.stepMinutes} />
      )}
      {pulse === null ? null : (
        <Figures bars={barsOf(pulse, { filter, range, zone })} pulse={pulse} zone={zone} />
      )}
    </div>
  );
}

function barsOf(
  { bars, stepMinutes }: Pulse,
  { filter, range, zone }: { filter: Filter; range: Range; zone: string },
): Bar[] {
  return bars.map(({ at, interactions }) => {
    const end = new Date(at.getTime() + stepMinutes * 60_000);
    const to = range.to !== null && range.to < end ? range.to : end;
    const title = `${zonedTime(at, zone).slice(5, 16)} to ${zonedTime(to, zone).slice(11, 16)}`;
    const href = `/inventory${viewSearch({ filter, range: { preset: null, from: at, to } })}`;
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
        <details className="range-menu pulse-table" key={bars[0]?.href}>
          <summary className="tone-accent">View as table</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
          <section className="popover" aria-label="Interactions by time" tabIndex={0}>
            <Table
              caption="Interactions by time, without the times that have none"
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
        </details>
      )}
    </div>
  );
}
