import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { Kind } from '@/components/ui/badge';
import { visibleText } from '@/lib/inventory/visible';
import type { Doer, Names, Subject } from '@/lib/people/audit/schema';
import { hrefOfSubject } from '@/lib/people/audit/tell';

/** Who did it, by the name of now. */
export function DoerName({ doer, names }: { doer: Doer; names: Names }) {
  switch (doer.kind) {
    case 'person': {
      const person = names.get(doer.id);
      return (
        <span title={visibleText(person?.email ?? doer.id)}>
          <Kind icon="user">
            <Visible text={person?.name ?? doer.id} oneLine />
          </Kind>
        </span>
      );
    }
    case 'operator':
      return (
        <span title="At the command line, beside the database">
          <Kind icon="terminal">
            <Visible text={doer.name} oneLine />
          </Kind>
        </span>
      );
    case 'unproven':
      return (
        <span className="t3" title="Whoever asked had not proved to be anybody">
          Nobody signed in
        </span>
      );
    case 'system':
      return (
        <span className="t2">
          <Visible text={doer.word} oneLine />
        </span>
      );
  }
}

const words: Record<Subject['kind'], string> = {
  identity: 'Identity',
  person: 'Person',
  team: 'Team',
  session: 'Session',
  entry: 'Entry',
  item: 'Refused item',
  credential: 'Key',
  export: 'Export',
  resource: 'Definitions of resource',
  shadow: 'Unregistered actor',
  other: '',
};

/** On what it was done: its name, else its kind and id; a link where a page shows it. */
export function SubjectName({ subject, names }: { subject: Subject; names: Names }) {
  const href = hrefOfSubject(subject);
  const { title, text } = told(subject, names);
  const shown = (
    <span title={visibleText(title)}>
      <Visible text={text} oneLine />
    </span>
  );
  return href === null ? (
    shown
  ) : (
    <Link href={href} prefetch={false}>
      {shown}
    </Link>
  );
}

function told(subject: Subject, names: Names): { title: string; text: string } {
  if (subject.kind === 'other') return { title: subject.text, text: subject.text };
  const id = subject.kind === 'shadow' ? subject.fingerprint : subject.id;
  const name = names.get(id)?.name;
  const word = words[subject.kind];
  return { title: `${word} ${id}`, text: name ?? `${word} ${short(id)}` };
}

/** The end of an id made by time says more than its beginning. */
const short = (id: string) => (id.length > 20 ? `…${id.slice(-12)}` : id);
