import { Visible } from '@/components/inventory/visible';
import type { AnchorPreview } from '@/lib/identities/anchors/schema';
import { relativeTime, utcTime } from '@/lib/inventory/time';

/** Certificates and keys as people compare them: subject, validity and the whole SHA-256. */
export function AnchorContents({
  certificates,
  keys,
  now,
}: Pick<AnchorPreview, 'certificates' | 'keys'> & { now: Date }) {
  return (
    <ul className="anchor-contents s12">
      {certificates.map(({ subject, fingerprint, notBefore, notAfter }) => (
        <li key={fingerprint}>
          <b>
            <Visible text={subject === '' ? 'Without a subject' : subject} oneLine />
          </b>
          <span className={new Date(notAfter) <= now ? 'tone-critical' : 't2'}>
            {utcTime(new Date(notBefore)).slice(0, 10)} to{' '}
            {utcTime(new Date(notAfter)).slice(0, 10)}, ends {relativeTime(new Date(notAfter), now)}
          </span>
          <span className="mono t3 anchor-print">SHA-256 {pairs(fingerprint)}</span>
        </li>
      ))}
      {keys.map(({ kid, what }) => (
        <li key={kid}>
          <b>Key of tokens, {what}</b>
          <span className="mono t3 anchor-print">
            <Visible text={kid} oneLine />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** As openssl and browsers write it. */
const pairs = (hex: string): string => (hex.match(/../g) ?? []).join(':').toUpperCase();
