import type { EnrolmentState } from './schema';

export const enrolmentStateLabels: Record<
  EnrolmentState,
  { word: string; tone: 'on' | 'wait' | 'off' | 'none' }
> = {
  open: { word: 'Waits', tone: 'wait' },
  accepted: { word: 'Accepted', tone: 'on' },
  refused: { word: 'Refused', tone: 'off' },
  expired: { word: 'Died undecided', tone: 'none' },
};
