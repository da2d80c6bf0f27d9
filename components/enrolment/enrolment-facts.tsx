import { Visible } from '@/components/inventory/visible';
import { Kind } from '@/components/ui/badge';
import { KeyValue } from '@/components/ui/key-value';
import type { Enrolment } from '@/lib/identities/enrolment/schema';
import { identityKindLabels } from '@/lib/identities/labels';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import { SpelledName } from './spelled-name';

/** All that is known of a workload that asks, and who says so. */
export function EnrolmentFacts({ enrolment, now }: { enrolment: Enrolment; now: Date }) {
  const { kind, name, names, purpose, address, network, code, team, zone } = enrolment;
  const { askedAt, expiresAt, endedAt, decidedBy, reason, keyType, state } = enrolment;
  const when = (at: Date) => `${relativeTime(at, now)}, ${utcTime(at)}`;
  return (
    <KeyValue
      lined
      rows={[
        ['It calls itself', <SpelledName key="name" name={name} />],
        [
          'Kind',
          <Kind key="kind" icon={kind}>
            {identityKindLabels[kind].word}
          </Kind>,
        ],
        [
          'Further names',
          names.length === 0 ? null : (
            <ul key="names">
              {names.map((each) => (
                <li key={each}>
                  <SpelledName name={each} />
                </li>
              ))}
            </ul>
          ),
        ],
        [
          'It says of itself',
          purpose === '' ? null : <Visible key="purpose" text={purpose} oneLine />,
        ],
        [
          'Key',
          <span key="key" className="mono">
            {keyType}
          </span>,
        ],
        [
          'Came from',
          <span key="from">
            <span className="mono">{address}</span>
            {network === null ? ', no named network' : `, ${visibleText(network)}`}
          </span>,
        ],
        [
          'Let ask by',
          code === null
            ? 'a listed network, without a code'
            : `the code ${visibleText(code.name)} …${code.hint}`,
        ],
        ['For team', team === null ? null : visibleText(team.name)],
        ['For zone', zone === null ? null : visibleText(zone.name)],
        ['Asked', when(askedAt)],
        [
          state === 'open' ? 'Dies' : 'Ended',
          when(state === 'open' ? expiresAt : (endedAt ?? expiresAt)),
        ],
        ['Decided by', decidedBy === null ? null : visibleText(decidedBy)],
        ['Reason', reason === null ? null : <Visible key="reason" text={reason} oneLine />],
      ]}
    />
  );
}
