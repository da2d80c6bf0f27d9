import { CopyTextButton } from '@/components/ui/copy-button';

/** A link that works once, and cannot be shown again. */
export function ShownOnce({ link }: { link: string }) {
  return (
    <div className="row wrap" data-shown-once>
      <code className="people-link mono">{link}</code>
      <CopyTextButton value={link} label="Copy link" />
    </div>
  );
}
