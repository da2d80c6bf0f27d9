import { CopyTextButton } from './copy-button';

/** A link or a secret that cannot be shown again. */
export function ShownOnce({ value, label }: { value: string; label: string }) {
  return (
    <div className="row wrap" data-shown-once>
      <code className="shown-once mono">{value}</code>
      <CopyTextButton value={value} label={label} />
    </div>
  );
}
