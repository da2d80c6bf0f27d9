import Link from 'next/link';
import { buttonClass } from '@/components/ui/button';
import { Empty } from '@/components/ui/empty';

export const metadata = { title: 'Not found' };

/** Within the frame of the console: what was erased or removed leaves the ways to everything else. */
export default function NotFound() {
  return (
    <Empty
      level={1}
      title="There is nothing at this address"
      action={
        <Link className={buttonClass()} href="/overview" prefetch={false}>
          Go to the overview
        </Link>
      }
    >
      What it named may have been erased or removed by retention, or the link is incomplete.
    </Empty>
  );
}
