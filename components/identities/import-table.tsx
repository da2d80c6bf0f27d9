import { Visible } from '@/components/inventory/visible';
import { State, type StateTone } from '@/components/ui/badge';
import { Table } from '@/components/ui/table';
import type { ImportedLine, ImportVerdict } from '@/lib/identities/import/schema';
import { attributeLabels } from '@/lib/identities/versions/labels';
import { thousands } from '@/lib/inventory/labels';

const verdicts: Record<ImportVerdict, { word: string; tone: StateTone }> = {
  made: { word: 'New', tone: 'on' },
  changed: { word: 'Changed', tone: 'wait' },
  unchanged: { word: 'As it is', tone: 'none' },
  wrong: { word: 'Wrong', tone: 'bad' },
};
const order: readonly ImportVerdict[] = ['wrong', 'changed', 'made', 'unchanged'];
const shownMax = 500;

/** What each line comes to, what is wrong first. */
export function ImportTable({ lines }: { lines: readonly ImportedLine[] }) {
  const sorted = order.flatMap((verdict) => lines.filter((line) => line.verdict === verdict));
  return (
    <>
      <Table
        caption="Lines of the file"
        head={
          <>
            <th scope="col" className="num">
              Line
            </th>
            <th scope="col">Name</th>
            <th scope="col">Comes to</th>
            <th scope="col" className="w-max">
              Because
            </th>
          </>
        }
      >
        {sorted.slice(0, shownMax).map((line) => (
          <tr key={line.line}>
            <th scope="row" className="num">
              {thousands(line.line)}
            </th>
            <td className="cut">
              {line.name === null ? (
                <span className="t3">not read</span>
              ) : (
                <Visible text={line.name} oneLine />
              )}
            </td>
            <td>
              <State tone={verdicts[line.verdict].tone}>{verdicts[line.verdict].word}</State>
            </td>
            <td className="t2 idn-wide idn-because">
              <Visible text={becauseOf(line)} />
            </td>
          </tr>
        ))}
      </Table>
      {sorted.length > shownMax ? (
        <p className="sec s12 t3">
          The first {thousands(shownMax)} of {thousands(sorted.length)} lines are shown.
        </p>
      ) : null}
    </>
  );
}

function becauseOf({ because, changes, resembles }: ImportedLine): string {
  const changed = changes.map((name) => attributeLabels[name].toLowerCase()).join(', ');
  return [
    ...because,
    ...(changed === '' ? [] : [`Changes ${changed}.`]),
    ...(resembles === null ? [] : [`Its name may be taken for ${resembles}.`]),
  ].join(' ');
}
