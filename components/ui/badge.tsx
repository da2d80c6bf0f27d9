import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon';

type SeverityLevel = 'critical' | 'high' | 'medium' | 'low' | 'info';
const severities: Record<SeverityLevel, { className: string; word: string }> = {
  critical: { className: 'sev sev-critical', word: 'Critical' },
  high: { className: 'sev sev-high', word: 'High' },
  medium: { className: 'sev sev-medium', word: 'Medium' },
  low: { className: 'sev sev-low', word: 'Low' },
  info: { className: 'sev sev-info', word: 'Info' },
};

/**
 * Filled tint, solid dot, word.
 * @public
 */
export function Severity({ level }: { level: SeverityLevel }) {
  return <span className={severities[level].className}>{severities[level].word}</span>;
}

type DecisionOutcome =
  | 'allowed'
  | 'denied'
  | 'needs_approval'
  | 'needs_step_up'
  | 'would_deny'
  | 'policy_error';
const outcomes: Record<DecisionOutcome, { className: string; icon: IconName; word: string }> = {
  allowed: { className: 'dec dec-allow', icon: 'allow', word: 'Allowed' },
  denied: { className: 'dec dec-deny', icon: 'deny', word: 'Denied' },
  needs_approval: { className: 'dec dec-review', icon: 'review', word: 'Needs approval' },
  needs_step_up: { className: 'dec dec-review', icon: 'stepup', word: 'Needs step-up' },
  would_deny: { className: 'dec dec-monitor', icon: 'monitor', word: 'Would deny' },
  policy_error: { className: 'dec dec-deny', icon: 'anomaly', word: 'Policy error' },
};

/**
 * Outline, icon, word; `bare` leaves the outline out, for table rows.
 * @public
 */
export function Decision({ outcome, bare = false }: { outcome: DecisionOutcome; bare?: boolean }) {
  const { className, icon, word } = outcomes[outcome];
  return (
    <span className={bare ? `${className} bare` : className}>
      <Icon name={icon} size={12} />
      {word}
    </span>
  );
}

export type StateTone = 'on' | 'wait' | 'off' | 'none' | 'bad';
const tones: Record<StateTone, string> = {
  on: 'state on',
  wait: 'state wait',
  off: 'state off',
  none: 'state',
  bad: 'state bad',
};

/** A small dot, full, half or hollow, and the word. */
export function State({
  tone,
  title,
  children,
}: {
  tone: StateTone;
  title?: string | undefined;
  children: ReactNode;
}) {
  return (
    <span className={tones[tone]} title={title}>
      {children}
    </span>
  );
}

export type TagTone = 'plain' | 'risk';
const tagTones: Record<TagTone, string> = { plain: 'tag', risk: 'tag label-risk' };

export function Tag({
  tone = 'plain',
  mono = false,
  title,
  children,
}: {
  tone?: TagTone;
  mono?: boolean;
  title?: string | undefined;
  children: ReactNode;
}) {
  return (
    <span className={mono ? `${tagTones[tone]} mono` : tagTones[tone]} title={title}>
      {children}
    </span>
  );
}

/** What kind of thing a name names: icon and words. */
export function Kind({ icon, children }: { icon: IconName; children: ReactNode }) {
  return (
    <span className="kind">
      <Icon name={icon} size={14} />
      {children}
    </span>
  );
}
