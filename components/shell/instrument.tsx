import type { LogHead } from '@/lib/log/queries';

const number = new Intl.NumberFormat('en');

/** How long ago, in the largest unit that fits: `3 s`, `12 min`, `5 h`, `2 d`. */
export function agoOf(at: Date, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - at.getTime()) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** The head of the log as it was when the page was made. */
export function LogHeadNote({ head, now }: { head: LogHead; now: Date }) {
  if (head.last === null) return 'The log is empty.';
  const { shard, position, receivedAt } = head.last;
  return (
    <>
      Log head {number.format(position)}
      {shard === 0 ? ', control' : `, shard ${shard}`}
      <br />
      <time dateTime={receivedAt.toISOString()} title={receivedAt.toISOString()}>
        Appended {agoOf(receivedAt, now)} ago
      </time>
    </>
  );
}
