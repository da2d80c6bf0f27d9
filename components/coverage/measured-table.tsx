import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { Kind, State } from '@/components/ui/badge';
import { NoRows, Table } from '@/components/ui/table';
import { amount, identityIcons, thousands } from '@/lib/inventory/labels';
import { judgeCompared } from '@/lib/inventory/measured/judge';
import { differenceText, figureLabels, verdictLabels } from '@/lib/inventory/measured/labels';
import type { Figure } from '@/lib/inventory/measured/metrics';
import type { Compared } from '@/lib/inventory/measured/queries';
import { entriesHref } from '@/lib/inventory/overview/links';
import { usageKinds } from '@/lib/inventory/overview/schema';
import { utcTime } from '@/lib/inventory/time';

/** What senders measured of themselves beside what was counted of them, the largest difference first. */
export function MeasuredTable({
  compared,
  chosen,
  hrefOf,
  now,
}: {
  compared: readonly Compared[];
  chosen: string | null;
  hrefOf: (id: string) => string;
  now: Date;
}) {
  return (
    <Table
      caption="What senders measured and what was counted, by difference"
      rows="entity"
      stickyFirst
      head={
        <>
          <th scope="col">Identity</th>
          <th scope="col" className="p3">
            Metric
          </th>
          <th scope="col">Figure</th>
          <th scope="col">Verdict</th>
          <th scope="col" className="num p2">
            Measured
          </th>
          <th scope="col" className="num p2">
            Counted
          </th>
          <th scope="col" className="num" aria-sort="descending">
            Difference
          </th>
          <th scope="col" className="w-max p4">
            What it likely means
          </th>
        </>
      }
    >
      {compared.map((each) => (
        <Row
          key={`${each.identity} ${each.metric} ${each.figure}`}
          compared={each}
          isChosen={each.identity === chosen}
          href={hrefOf(each.identity)}
          now={now}
        />
      ))}
      {compared.length === 0 ? (
        <NoRows columns={8}>
          No identity measured its own usage in the last 7 days. Nothing is missing by that: it is a
          second witness for what is counted.
        </NoRows>
      ) : null}
    </Table>
  );
}

function Row({
  compared,
  isChosen,
  href,
  now,
}: {
  compared: Compared;
  isChosen: boolean;
  href: string;
  now: Date;
}) {
  const { difference, sentence, verdict } = judgeCompared(compared, now);
  const { word, tone } = verdictLabels[verdict];
  return (
    <tr
      data-id={`${compared.identity} ${compared.metric} ${compared.figure}`}
      aria-selected={isChosen}
    >
      <th scope="row" className="cut">
        <Link className="plain" href={href} scroll={false} prefetch={false} title={compared.name}>
          <Kind icon={identityIcons[compared.kind]}>
            <Visible text={compared.name} oneLine />
          </Kind>
        </Link>
      </th>
      <td className="p3 mono t2">{compared.metric}</td>
      <td>{figureLabels[compared.figure]}</td>
      <td>
        <State tone={tone} title={sentence}>
          {word}
        </State>
      </td>
      <td className="num p2">
        {compared.hours === null ? notYet : amountOf(compared.figure, compared.measured)}
      </td>
      <td className="num p2">
        <CountedLink compared={compared} />
      </td>
      <td className="num">{difference === null ? nothing : differenceText(difference)}</td>
      <td className="w-max p4 t2 cut" title={sentence}>
        {sentence}
      </td>
    </tr>
  );
}

const notYet = <span className="t3">Not yet</span>;
/** Where there is nothing to be a share of. */
const nothing = <span className="t3">–</span>;

const amountOf = (figure: Figure, value: number): string =>
  figure === 'cost' ? amount(value) : thousands(Math.round(value));

/** What was counted, with the entries it is counted from. */
function CountedLink({ compared }: { compared: Compared }) {
  const { identity, figure, counted, hours } = compared;
  if (hours === null) return notYet;
  return (
    <Link
      className="plain"
      href={entriesHref({ identity: [identity], kind: [...usageKinds] }, hours)}
      prefetch={false}
      title="The calls it is counted from"
    >
      {amountOf(figure, counted)}
    </Link>
  );
}

/** The same of one identity, in its panel. */
export function MeasuredSection({ compared, now }: { compared: readonly Compared[]; now: Date }) {
  return (
    <section className="sec stack-3" aria-labelledby="measured">
      <h3 id="measured">Measured and counted</h3>
      {compared.map((each) => {
        const { difference, sentence, verdict } = judgeCompared(each, now);
        const { word, tone } = verdictLabels[verdict];
        return (
          <div key={`${each.metric} ${each.figure}`} className="measured">
            <p>
              <b>{figureLabels[each.figure]}</b> <State tone={tone}>{word}</State>
            </p>
            <p className="s12 mono t2">{each.metric}</p>
            {each.hours === null ? null : (
              <p className="s12">
                {amountOf(each.figure, each.measured)} measured, <CountedLink compared={each} />{' '}
                counted{difference === null ? '' : `, ${differenceText(difference)}`}, from{' '}
                {utcTime(each.hours.from).slice(0, 16)} to {utcTime(each.hours.to).slice(0, 16)} UTC
              </p>
            )}
            <p className="s12 t2">{sentence}</p>
          </div>
        );
      })}
    </section>
  );
}
