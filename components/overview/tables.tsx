import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { Icon, type IconName } from '@/components/ui/icon';
import { Spark } from '@/components/ui/spark';
import { NoRows, Table } from '@/components/ui/table';
import { unregistered } from '@/lib/inventory/address';
import { identityIcons, resourceLabels, thousands } from '@/lib/inventory/labels';
import { changeOf, shortCount } from '@/lib/inventory/overview/compare';
import { entriesHref } from '@/lib/inventory/overview/links';
import type { Period } from '@/lib/inventory/overview/period';
import type { Actor, Named } from '@/lib/inventory/overview/schema';
import { costWords } from './words';

const icons: Record<string, IconName | undefined> = identityIcons;
const kindWord = (kind: string): string =>
  (resourceLabels as Record<string, string | undefined>)[kind] ?? kind;
const num = (text: string, more = '') => <td className={`num ${more}`}>{text}</td>;

/** Who did most in the period; everything that nobody registered answers for is one row. */
export function Actors({
  period,
  actors,
  bars,
}: {
  period: Period;
  actors: readonly Actor[];
  bars: number;
}) {
  return (
    <Table
      caption="Most active identities"
      head={
        <>
          <th scope="col">Identity</th>
          <th scope="col" className="num" aria-sort="descending">
            Exchanges
          </th>
          <th scope="col" className="num p2">
            Change
          </th>
          <th scope="col" className="p2">
            Over time
          </th>
          <th scope="col" className="num">
            Errors
          </th>
          <th scope="col" className="num p3">
            Tokens
          </th>
          <th scope="col" className="num p3">
            Cost, USD
          </th>
        </>
      }
    >
      {actors.map((actor) => {
        const { id, kind } = actor;
        const name = id === null ? 'Unregistered' : (actor.name ?? id);
        const identity = [id ?? unregistered];
        return (
          <tr key={id ?? unregistered}>
            <th scope="row">
              <span className="kind">
                <Icon name={id === null ? 'shadow' : (icons[kind ?? ''] ?? 'identity')} size={14} />
                <Link
                  className="plain trunc"
                  href={entriesHref({ identity }, period)}
                  prefetch={false}
                >
                  <Visible text={name} oneLine />
                </Link>
              </span>
            </th>
            {num(thousands(actor.interactions))}
            {num(changeOf(actor.done, actor.before) ?? 'new', 't3 p2')}
            <td className="p2">
              <Spark values={Array.from({ length: bars }, (_, index) => actor.bars[index] ?? 0)} />
            </td>
            <td className="num">
              {actor.errors === 0 ? (
                '0'
              ) : (
                <Link href={entriesHref({ identity, status: ['error'] }, period)} prefetch={false}>
                  {thousands(actor.errors)}
                </Link>
              )}
            </td>
            {num(shortCount(actor.inputTokens + actor.outputTokens), 'p3')}
            {num(costWords(actor), 't2 p3')}
          </tr>
        );
      })}
      {actors.length === 0 ? <NoRows columns={7}>Nobody acted in this period.</NoRows> : null}
    </Table>
  );
}

/** What was acted on most: models with their usage, or everything else with its errors. */
export function NamedTable({
  period,
  what,
  named,
}: {
  period: Period;
  what: 'models' | 'resources';
  named: readonly Named[];
}) {
  const isModels = what === 'models';
  return (
    <Table
      caption={isModels ? 'Most asked models' : 'Most used resources'}
      inset
      head={
        <>
          <th scope="col">{isModels ? 'Model' : 'Resource'}</th>
          <th scope="col" className="num" aria-sort="descending">
            {isModels ? 'Calls' : 'Uses'}
          </th>
          <th scope="col" className="num">
            {isModels ? 'Tokens' : 'Errors'}
          </th>
          {isModels ? (
            <th scope="col" className="num">
              Cost, USD
            </th>
          ) : null}
        </>
      }
    >
      {named.map((each) => (
        <tr key={`${each.resourceKind} ${each.said}`}>
          <th scope="row" className="w-max">
            {each.name === null ? (
              <span className="t3">{each.said}</span>
            ) : (
              <Link
                className="plain mono"
                href={entriesHref(
                  { [isModels ? 'model' : 'resource']: [each.name], kind: each.kinds },
                  period,
                )}
                prefetch={false}
              >
                <Visible text={each.name} oneLine />
              </Link>
            )}
            {isModels ? null : <span className="t3 s11"> {kindWord(each.resourceKind)}</span>}
          </th>
          {num(thousands(each.interactions))}
          {num(
            isModels ? shortCount(each.inputTokens + each.outputTokens) : thousands(each.errors),
            't2',
          )}
          {isModels ? num(costWords(each), 't2') : null}
        </tr>
      ))}
      {named.length === 0 ? (
        <NoRows columns={isModels ? 4 : 3}>
          {isModels
            ? 'No model was asked in this period.'
            : 'Nothing else was used in this period.'}
        </NoRows>
      ) : null}
    </Table>
  );
}
