import Link from 'next/link';
import { Disclosure } from '@/components/ui/disclosure';
import { Table } from '@/components/ui/table';
import { type Filter, viewSearch } from '@/lib/inventory/address';
import type { Pulse } from '@/lib/inventory/counts/queries';
import { countText, thousands } from '@/lib/inventory/labels';
import type { Count } from '@/lib/inventory/schema';
import { duration, zonedTime, zoneWord } from '@/lib/inventory/time';
import { type Bar, PulsePlot } from './pulse-plot';

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
  const bars = pulse === null ? [] : barsOf(pulse, { filter, zone });
  const peak = Math.max(1, ...bars.map(({ interactions }) => interactions));
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
        <>
          <p className="vh">
            Interactions over the time range, at most {thousands(peak)} in{' '}
            {duration(pulse.stepMinutes * 60_000)}.
          </p>
          <PulsePlot bars={bars} peak={peak} />
          <Figures bars={bars} peak={peak} stepMinutes={pulse.stepMinutes} zone={zone} />
        </>
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
    return { interactions, href, title };
  });
}

function Figures({
  bars,
  peak,
  stepMinutes,
  zone,
}: {
  bars: readonly Bar[];
  peak: number;
  stepMinutes: number;
  zone: string;
}) {
  return (
    <div className="s11 t3 num">
      {thousands(peak)} at most
      <br />
      {duration(stepMinutes * 60_000)} a bar
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
                .map(({ interactions, href, title }) => (
                  <tr key={href}>
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
