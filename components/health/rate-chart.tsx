import { useZone } from '@/components/shell/zone-provider';
import { Table } from '@/components/ui/table';
import type { Health } from '@/lib/inventory/health/schema';
import { thousands } from '@/lib/inventory/labels';
import { zonedTime, zoneWord } from '@/lib/inventory/time';

/** Interactions by minute of the last hour: the number, then the bars, then the table behind them. */
export function RateChart({ minutes }: { minutes: Health['minutes'] }) {
  const zone = useZone();
  const minuteOf = (at: string | undefined) =>
    at === undefined ? '' : zonedTime(new Date(at), zone).slice(11, 16);
  const peak = Math.max(1, ...minutes.map(({ interactions }) => interactions));
  const total = minutes.reduce((sum, { interactions }) => sum + interactions, 0);
  const width = 960 / Math.max(1, minutes.length);
  return (
    <section className="sec" aria-labelledby="rate">
      <div className="sec-head">
        <h2 id="rate">Last hour</h2>
        <span className="t3 s12">
          {thousands(total)} interactions, at most {thousands(peak)} in a minute
        </span>
      </div>
      <svg
        className="rate-plot"
        viewBox="0 0 960 100"
        preserveAspectRatio="none"
        role="img"
        aria-label={`Interactions a minute over the last hour, at most ${thousands(peak)}`}
      >
        {minutes.map(({ at, interactions }, index) =>
          interactions === 0 ? null : (
            <rect
              key={at}
              x={(index * width + width * 0.1).toFixed(2)}
              width={(width * 0.8).toFixed(2)}
              y={(100 - Math.max(2, (interactions / peak) * 100)).toFixed(2)}
              height={Math.max(2, (interactions / peak) * 100).toFixed(2)}
            />
          ),
        )}
      </svg>
      <p className="rate-axis s11 t3">
        <span>{minuteOf(minutes[0]?.at)}</span>
        <span>
          {minuteOf(minutes.at(-1)?.at)} {zoneWord(zone)}
        </span>
      </p>
      <details>
        <summary className="s12 tone-accent">View as table</summary>
        <Table
          caption="Interactions a minute over the last hour"
          inset
          head={
            <>
              <th scope="col">Minute, {zoneWord(zone)}</th>
              <th scope="col" className="num">
                Interactions
              </th>
            </>
          }
        >
          {minutes.map(({ at, interactions }) => (
            <tr key={at}>
              <th scope="row" className="mono">
                {minuteOf(at)}
              </th>
              <td className="num">{thousands(interactions)}</td>
            </tr>
          ))}
        </Table>
      </details>
    </section>
  );
}
