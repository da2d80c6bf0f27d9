import { Visible } from '@/components/inventory/visible';
import { Tag } from '@/components/ui/badge';
import { differencesOf } from '@/lib/people/audit/difference';
import { factName } from '@/lib/people/audit/labels';
import type { Facts, Names } from '@/lib/people/audit/schema';

/** What it was before beside what it is after; nothing for an entry that tells of no change. */
export function ChangeTable({ facts, names }: { facts: Facts; names: Names }) {
  const differences = differencesOf(facts);
  if (differences === null || differences.length === 0) return null;
  return (
    <section className="sec stack" aria-labelledby="change">
      <h3 id="change">Before and after</h3>
      <table className="audit-change">
        <caption className="vh">What was changed, before and after</caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {differences.map(({ name, before, after, isChanged }) => (
            <tr key={name}>
              <th scope="row">
                <Visible text={factName(name)} oneLine />
                {isChanged ? (
                  <>
                    {' '}
                    <Tag>changed</Tag>
                  </>
                ) : null}
              </th>
              <td>
                <Value text={before} names={names} />
              </td>
              <td>
                <Value text={after} names={names} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Value({ text, names }: { text: string | null; names: Names }) {
  if (text === null) return <span className="t3">Nothing</span>;
  return <Visible text={names.get(text)?.name ?? text} />;
}
