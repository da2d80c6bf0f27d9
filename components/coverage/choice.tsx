import Link from 'next/link';

/** The links of a small choice; the one in force is marked. */
export function Choice({
  label,
  choices,
}: {
  label: string;
  choices: readonly (readonly [word: string, href: string, isChosen: boolean])[];
}) {
  return (
    <nav className="seg" aria-label={label}>
      {choices.map(([word, href, isChosen]) => (
        <Link key={word} href={href} prefetch={false} aria-current={isChosen ? 'true' : undefined}>
          {word}
        </Link>
      ))}
    </nav>
  );
}
