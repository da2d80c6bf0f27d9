import Link from 'next/link';
import { Severity } from '@/components/ui/badge';
import type { Need } from '@/lib/inventory/overview/needs';

/** What waits for a person, worst first, and where to go for it. */
export function Needs({ needs }: { needs: readonly Need[] }) {
  return (
    <section className="needs" aria-labelledby="needs">
      <div className="sec-head">
        <h2 id="needs">Needs a person</h2>
        <span className="t3 s12">
          {needs.length === 0
            ? 'Nothing waits for you.'
            : `${needs.length} ${needs.length === 1 ? 'thing' : 'things'}`}
        </span>
      </div>
      {needs.length === 0 ? null : (
        <table className="tbl">
          <caption className="vh">Needs a person</caption>
          <tbody>
            {needs.map(({ level, sentence, href, verb }) => (
              <tr key={href}>
                <td className="level">
                  <Severity level={level} />
                </td>
                <th scope="row" className="w-max" title={sentence}>
                  {sentence}
                </th>
                <td className="num">
                  <Link href={href} prefetch={false}>
                    {verb}
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
