import { KeyValue } from '@/components/ui/key-value';

/** What is given apart from roles. */
export function ContentRights() {
  return (
    <section className="sec stack-3" aria-labelledby="content-rights">
      <h2 id="content-rights">Content is apart from roles</h2>
      <p className="t2 people-prose">
        Whose prompts, answers and tool arguments a person reads is given to that person, whatever
        the role. Without it, content shows as digests and sizes, and is not searched.
      </p>
      <KeyValue
        rows={[
          ['Sees activity of', 'All identities, or those of one’s teams alone.'],
          [
            'Reads content',
            'None, that of identities of one’s teams, or all; never more than is seen. Each reading is in the log.',
          ],
          ['Exports content', 'The same again, for taking it out; never more than is read.'],
          ['Owner', 'Who answers for an identity. It gives no right: it says whom to ask.'],
        ]}
      />
    </section>
  );
}
