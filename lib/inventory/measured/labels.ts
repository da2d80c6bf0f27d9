import { thousands } from '../labels';
import type { Figure } from './metrics';

/**
 * `uncounted`: no call arrived at all. `untold`: calls arrived without the figure. `unpriced`: not all have a known
 * cost. `stopped`: measuring ended while calls go on. `early`: no whole hour was measured yet.
 */
export type Verdict =
  | 'alike'
  | 'more_measured'
  | 'more_counted'
  | 'uncounted'
  | 'untold'
  | 'unpriced'
  | 'stopped'
  | 'early';

export const verdictLabels: Record<
  Verdict,
  { word: string; tone: 'on' | 'wait' | 'off' | 'none' }
> = {
  alike: { word: 'Alike', tone: 'on' },
  more_measured: { word: 'More measured', tone: 'wait' },
  more_counted: { word: 'More counted', tone: 'wait' },
  uncounted: { word: 'None counted', tone: 'off' },
  untold: { word: 'Not told', tone: 'off' },
  unpriced: { word: 'Cost unknown', tone: 'none' },
  stopped: { word: 'Stopped', tone: 'off' },
  early: { word: 'Too early', tone: 'none' },
};

export const figureLabels: Record<Figure, string> = {
  calls: 'Calls',
  input_tokens: 'Input tokens',
  output_tokens: 'Output tokens',
  cost: 'Cost',
};

/** The same within a sentence. */
export const figureWords: Record<Figure, string> = {
  calls: 'calls',
  input_tokens: 'input tokens',
  output_tokens: 'output tokens',
  cost: 'cost',
};

/** `+20 %`, `-8 %`, `+0.4 %`, `0 %`; of more than ten times how many times it is. */
export function differenceText(share: number): string {
  if (share >= 10) return `${thousands(Math.round(share + 1))} times`;
  const percent = share * 100;
  const rounded = Number(percent.toFixed(Math.abs(percent) < 10 ? 1 : 0));
  if (rounded === 0) return '0 %';
  return `${rounded > 0 ? '+' : ''}${rounded} %`;
}
