import { Visible } from '@/components/inventory/visible';
import { thousands } from '@/lib/inventory/labels';
import { visibleText } from '@/lib/inventory/visible';
import type { Change, Json } from '@/lib/resources/definitions/diff';

const words = { added: 'Added', removed: 'Removed', changed: 'Changed' } as const;

/** How one definition differs from another, by JSON path. Characters that hide or turn text are named. */
export function DefinitionDiff({ changes, more }: { changes: readonly Change[]; more: number }) {
  if (changes.length === 0) return <p className="s12 t2">Nothing differs but the order.</p>;
  return (
    <>
      <ul className="definition-diff" aria-label="What differs">
        {changes.map((change) => (
          <li key={change.path} data-is={change.is}>
            <p className="s12">
              <b>{words[change.is]}</b> <span className="mono">{visibleText(change.path)}</span>
            </p>
            <p className="definition-text">
              <Told change={change} />
            </p>
          </li>
        ))}
      </ul>
      {more > 0 ? (
        <p className="s12 t2">And {thousands(more)} more, which the whole definition has.</p>
      ) : null}
    </>
  );
}

function Told({ change }: { change: Change }) {
  if (change.is === 'added')
    return (
      <ins>
        <Visible text={text(change.after)} />
      </ins>
    );
  if (change.is === 'removed')
    return (
      <del>
        <Visible text={text(change.before)} />
      </del>
    );
  if (change.words === null)
    return (
      <>
        <del>
          <Visible text={text(change.before)} />
        </del>{' '}
        <ins>
          <Visible text={text(change.after)} />
        </ins>
      </>
    );
  return change.words.map(({ is, text: part }, at) => {
    // Parts of a text never move; their place is what they are.
    const key = `${at}-${is}`;
    if (is === 'added')
      return (
        <ins key={key}>
          <Visible text={part} />
        </ins>
      );
    if (is === 'removed')
      return (
        <del key={key}>
          <Visible text={part} />
        </del>
      );
    return <Visible key={key} text={part} />;
  });
}

const text = (value: Json) => (typeof value === 'string' ? value : JSON.stringify(value));
