import { CopyTextButton } from '@/components/ui/copy-button';
import { thumbprintGroups } from '@/lib/identities/enrolment/thumbprint';

/** A thumbprint large and in groups, to be compared by eye with what the workload shows; it is copied whole. */
export function Thumbprint({ value }: { value: string }) {
  return (
    <div className="enrolment-thumbprint">
      <p className="mono" translate="no">
        <span className="vh">Thumbprint {value}</span>
        {thumbprintGroups(value).map((group) => (
          <span key={group} aria-hidden="true">
            {group}
          </span>
        ))}
      </p>
      <CopyTextButton value={value} label="Copy thumbprint" />
    </div>
  );
}
