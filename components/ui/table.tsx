import type { ReactNode } from 'react';

/** A real table in a region of its own that scrolls sideways; `caption` is what screen readers call it. */
export function Table({
  caption,
  head,
  rows = 'log',
  inset = false,
  stickyFirst = false,
  children,
}: {
  caption: string;
  /** The cells of the one head row: `<th scope="col">`. */
  head: ReactNode;
  rows?: 'log' | 'entity';
  /** Without the page's gutter, inside a section that has one. */
  inset?: boolean;
  stickyFirst?: boolean;
  children: ReactNode;
}) {
  const classes = [
    'tbl',
    rows === 'entity' ? 'entity' : '',
    inset ? 'inset' : '',
    stickyFirst ? 'sticky1' : '',
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="tbl-wrap" tabIndex={0} aria-label={`${caption}, scrollable`}>
      <table className={classes.filter(Boolean).join(' ')}>
        <caption className="vh">{caption}</caption>
        <thead>
          <tr>{head}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

/** The one row of a table in which nothing matches. */
export function NoRows({ columns, children }: { columns: number; children: ReactNode }) {
  return (
    <tr className="none">
      <td colSpan={columns}>{children}</td>
    </tr>
  );
}
