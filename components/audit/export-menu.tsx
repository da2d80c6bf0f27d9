import { Disclosure } from '@/components/ui/disclosure';
import { Icon } from '@/components/ui/icon';
import { type AuditFormat, auditFormats } from '@/lib/people/audit/schema';

const formatWords: Record<AuditFormat, [word: string, hint: string]> = {
  ndjson: ['NDJSON', 'one entry a line'],
  csv: ['CSV', 'for a spreadsheet'],
};

/** Takes the entries of this filter out of the console, as a file. */
export function AuditExportMenu({ search }: { search: string }) {
  const hrefOf = (format: AuditFormat) => {
    const params = new URLSearchParams(search);
    params.set('format', format);
    return `/api/audit?${params}`;
  };
  return (
    <Disclosure
      className="range-menu"
      summary={
        <>
          Export
          <Icon name="down" size={12} />
        </>
      }
    >
      <div className="popover">
        <ul>
          {auditFormats.map((format) => (
            <li key={format}>
              <a className="opt plain" href={hrefOf(format)} download>
                {formatWords[format][0]}
                <span className="hint">{formatWords[format][1]}</span>
              </a>
            </li>
          ))}
        </ul>
        <p className="audit-note t3 s12">
          Every entry of this filter, the oldest first. That you took it is an entry itself.
        </p>
      </div>
    </Disclosure>
  );
}
