import { Visible } from '@/components/inventory/visible';
import { Callout } from '@/components/ui/callout';
import { oddCharactersOf } from '@/lib/identities/enrolment/skeleton';
import { visibleText } from '@/lib/inventory/visible';

/** A name that a stranger chose: what of it is not what it seems is said. */
export function SpelledName({ name }: { name: string }) {
  const odd = oddCharactersOf(name);
  return (
    <>
      <Visible text={name} oneLine />
      {odd.length === 0 ? null : (
        <ul className="enrolment-odd s12">
          {odd.map(({ character, code, says }) => (
            <li key={code}>
              <span className="mono">
                <Visible text={character} oneLine /> {code}
              </span>{' '}
              {says}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** Names in use that it could be taken for in a hurry. */
export function LookAlikes({ near }: { near: readonly string[] }) {
  if (near.length === 0) return null;
  return (
    <Callout tone="review">
      Its name is near to that of {near.length === 1 ? 'an identity' : 'identities'} in use:{' '}
      <b>{near.map(visibleText).join(', ')}</b>. Make sure that this is another one.
    </Callout>
  );
}
