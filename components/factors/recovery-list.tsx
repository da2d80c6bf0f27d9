'use client';

import { CopyTextButton } from '@/components/ui/copy-button';

/** Recovery codes, which are shown once. */
export function RecoveryList({ codes }: { codes: readonly string[] }) {
  return (
    <div className="stack-3" data-shown-once>
      <p className="s12 t2">
        Keep them where your authenticator is not. Each opens one sign-in when it is lost; they are
        not shown again.
      </p>
      <ul className="recovery-codes" aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <p>
        <CopyTextButton value={codes.join('\n')} label="Copy recovery codes" />
      </p>
    </div>
  );
}
