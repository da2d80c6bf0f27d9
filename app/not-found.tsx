import Link from 'next/link';
import { buttonClass } from '@/components/ui/button';
import { Empty } from '@/components/ui/empty';

export const metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <main id="main" tabIndex={-1}>
      <Empty
        level={1}
        title="There is nothing at this address"
        action={
          <Link className={buttonClass()} href="/overview" prefetch={false}>
            Go to the overview
          </Link>
        }
      >
        The page may have moved, or the link is incomplete.
      </Empty>
    </main>
  );
}
