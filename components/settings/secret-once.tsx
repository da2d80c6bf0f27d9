import { ShownOnce } from '@/components/ui/shown-once';
import { utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import type { IssuedApiKey } from '@/lib/people/api-keys/schema';

/** The one time that a secret is shown. */
export function SecretOnce({ issued }: { issued: IssuedApiKey }) {
  return (
    <div className="stack-3" role="status">
      <p className="t2 s12">
        {visibleText(issued.name)}, until {utcTime(new Date(issued.expiresAt))}. Shown this once:
        copy it now.
      </p>
      <ShownOnce value={issued.secret} label="Copy API key" />
    </div>
  );
}
