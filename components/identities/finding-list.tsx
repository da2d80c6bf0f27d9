import Link from 'next/link';
import type { Finding } from '@/lib/identities/registry/findings';
import { visibleText } from '@/lib/inventory/visible';

/** What is flagged of an identity today, and where to mend it. */
export function FindingList({
  findings,
  hrefOf,
}: {
  findings: readonly Finding[];
  /** Where a finding is mended or looked into; null where there is no such place for the reader. */
  hrefOf: (finding: Finding) => { href: string; word: string } | null;
}) {
  if (findings.length === 0)
    return <p className="idn-findings-none t2">Nothing is flagged of it today.</p>;
  return (
    <ul className="idn-findings">
      {findings.map((finding) => {
        const place = hrefOf(finding);
        return (
          <li key={finding.name}>
            <b>{finding.title}</b>
            <p className="t2 s12 idn-wide">
              {visibleText(finding.sentence)}{' '}
              {place === null ? null : (
                <Link href={place.href} prefetch={false}>
                  {place.word}
                </Link>
              )}
            </p>
          </li>
        );
      })}
    </ul>
  );
}
