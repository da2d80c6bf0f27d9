import { Icon, type IconName } from '@/components/ui/icon';
import { identityIcons, nameOf } from '@/lib/inventory/labels';
import type { Whose } from '@/lib/inventory/schema';
import { Visible } from './visible';

const icons: Record<string, IconName | undefined> = identityIcons;

/** The name of whom something is attributed to; a declared name never looks like a registered one. */
export function Who({ who }: { who: Whose }) {
  const { name, isRegistered } = nameOf(who);
  const icon = isRegistered ? (icons[who.identityKind ?? ''] ?? 'identity') : 'shadow';
  return (
    <span
      className="kind"
      title={isRegistered ? undefined : 'Unregistered: this name is only declared'}
    >
      <Icon name={icon} size={14} />
      <span className="trunc">
        <Visible text={name} oneLine />
      </span>
      {isRegistered ? null : <span className="t3 s11">Unregistered</span>}
    </span>
  );
}
