import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon';

export type CalloutTone = 'info' | 'review' | 'critical' | 'allow';
const tones: Record<CalloutTone, { className: string; icon: IconName }> = {
  info: { className: 'note', icon: 'info' },
  review: { className: 'note review', icon: 'review' },
  critical: { className: 'note critical', icon: 'anomaly' },
  allow: { className: 'note allow', icon: 'check' },
};

/** A sentence that belongs to what is below it. `live` has screen readers say it when it appears. */
export function Callout({
  tone = 'info',
  live = false,
  children,
}: {
  tone?: CalloutTone;
  live?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={tones[tone].className} {...(live ? { role: 'alert' } : {})}>
      <Icon name={tones[tone].icon} />
      <div>{children}</div>
    </div>
  );
}
