import { thousands } from '../labels';
import { duration } from '../time';
import { figureWords, type Verdict } from './labels';
import { runsMax } from './metrics';
import type { Compared } from './queries';

/** What is within this share of each other is alike: a call is counted when it starts, and measured when it ends. */
const alikeShare = 0.02;
const stoppedMs = 2 * 3_600_000;

export type Judgement = {
  verdict: Verdict;
  /** How much more was measured than counted, as a share of what was counted; null where that says nothing. */
  difference: number | null;
  sentence: string;
};

/** What it likely means that a sender measured other than was counted of it. */
export function judgeCompared(compared: Compared, now: Date): Judgement {
  const { verdict, sentence } = verdictOf(compared, now);
  const { measured, counted } = compared;
  return {
    verdict,
    difference:
      compared.hours === null || counted === 0 || verdict === 'unpriced'
        ? null
        : (measured - counted) / counted,
    sentence: [sentence, ...leftOut(compared)].join(' '),
  };
}

function verdictOf(
  { figure, hours, measured, counted, calls, costed, lastAt, callsSince }: Compared,
  now: Date,
): Pick<Judgement, 'verdict' | 'sentence'> {
  const words = figureWords[figure];
  if (lastAt !== null && callsSince > 0 && now.getTime() - lastAt.getTime() > stoppedMs)
    return {
      verdict: 'stopped',
      sentence: `Not measured for ${duration(now.getTime() - lastAt.getTime())}, while ${count(callsSince, 'call')} went on: its metrics are switched off, or are lost on the way.`,
    };
  if (hours === null)
    return {
      verdict: 'early',
      sentence:
        'Compared once it has been measured through a whole hour, and five minutes after that.',
    };
  if (measured === 0 && counted === 0)
    return { verdict: 'alike', sentence: 'Nothing was used in these hours, by both.' };
  if (figure === 'cost' && costed < calls)
    return {
      verdict: 'unpriced',
      sentence: `Of ${count(calls, 'call')} the cost of ${thousands(costed)} is known, so it cannot be compared: set what the models cost.`,
    };
  if (calls === 0)
    return {
      verdict: 'uncounted',
      sentence:
        'Calls are made of which no entry arrived: its traces or logs are switched off, or go elsewhere.',
    };
  if (counted === 0)
    return {
      verdict: 'untold',
      sentence: `${count(calls, 'call')} arrived without a word of ${words}.`,
    };
  if (Math.abs(measured - counted) <= alikeShare * Math.max(measured, counted))
    return { verdict: 'alike', sentence: 'Both tell the same.' };
  if (measured > counted)
    return {
      verdict: 'more_measured',
      sentence: `Calls are made of which no entry arrived, or which do not say their ${words}: its traces are sampled, or a part of it sends metrics only.`,
    };
  return {
    verdict: 'more_counted',
    sentence:
      'Metrics were lost on the way, or it ended or was restarted before it had sent its last.',
  };
}

/** What of its data points is in no sum. */
function leftOut({ implausible, unfollowed }: Compared): string[] {
  return [
    implausible > 0 ? `${count(implausible, 'data point')} said no plausible amount.` : [],
    unfollowed > 0
      ? `${count(unfollowed, 'data point')} ${unfollowed === 1 ? 'is' : 'are'} left out: beyond ${thousands(runsMax)} series, or too late to be placed.`
      : [],
  ].flat();
}

const count = (value: number, noun: string) =>
  `${thousands(value)} ${noun}${value === 1 ? '' : 's'}`;
