import Link from 'next/link';
import { Button, buttonClass } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';

/** Two letters that stand for a name. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/u).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => [...(word ?? '')][0] ?? '',
  );
  return letters.join('').toLocaleUpperCase('en') || '?';
}

/** Who is signed in, and the way out. */
export function AccountMenu({
  name,
  email,
  signOut,
}: {
  name: string;
  email: string;
  signOut: () => Promise<void>;
}) {
  return (
    <>
      <button type="button" className="avatar" popoverTarget="account">
        <span aria-hidden="true">{initialsOf(name)}</span>
        <span className="vh">Account: {name}</span>
      </button>
      <div id="account" popover="auto" className="popover account-menu">
        <p className="who">
          <b className="trunc">{name}</b>
          <span className="t3 s12 trunc">{email}</span>
        </p>
        <Link
          className={`${buttonClass({ variant: 'ghost' })} wide`}
          href="/account"
          prefetch={false}
        >
          <Icon name="key" size={14} />
          Account
        </Link>
        <form action={signOut}>
          <Button type="submit" variant="ghost" className="wide">
            <Icon name="arrow-r" size={14} />
            Sign out
          </Button>
        </form>
      </div>
    </>
  );
}
