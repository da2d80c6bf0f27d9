import { CopyTextButton } from '@/components/ui/copy-button';

/** The link of an invitation, which cannot be shown again. */
export function ShownOnce({ link }: { link: string }) {
  return (
    <div className="row wrap" data-shown-once>
      <code className="people-link mono">{link}</code>
      <CopyTextButton value={link} label="Copy invitation link" />
    </div>
  );
}
