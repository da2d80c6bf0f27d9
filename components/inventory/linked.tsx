import type { InteractionDetail, LinkedEntry } from '@/lib/inventory/schema';
import { Visible } from './visible';

const signalWords: Record<LinkedEntry['signal'], string> = {
  trace: 'a span',
  log: 'a log record',
  metric: 'a metric',
};

/** The entries that tell of the same call, or those of its other end. */
export function Linked({
  interaction,
  relation,
}: {
  interaction: InteractionDetail;
  relation: LinkedEntry['relation'];
}) {
  return (
    <ul>
      {interaction.linked
        .filter((entry) => entry.relation === relation)
        .map(({ id, signal, who, isRegistered, isCounted, isDisputed }) => (
          <li key={id}>
            <a href={`/inventory?interaction=${id}`}>
              {signalWords[signal]}
              {who === null ? null : (
                <>
                  {' '}
                  of {isRegistered ? '' : 'unregistered '}
                  <Visible text={who} oneLine />
                </>
              )}
            </a>
            <span className="t3">{countedWords({ isCounted, isDisputed })}</span>
          </li>
        ))}
    </ul>
  );
}

function countedWords({
  isCounted,
  isDisputed,
}: Pick<LinkedEntry, 'isCounted' | 'isDisputed'>): string {
  if (isDisputed) return ', counted too: the ends disagree';
  return isCounted ? ', which is counted instead' : ', not counted';
}

export const isLinked = (
  { linked }: InteractionDetail,
  relation: LinkedEntry['relation'],
): boolean => linked.some((entry) => entry.relation === relation);
