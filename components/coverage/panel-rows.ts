const allRows = () => [...document.querySelectorAll<HTMLElement>('tr[data-id]')];
export const rowAround = (element: Element | null) =>
  element?.closest<HTMLElement>('tr[data-id]') ?? null;
export const hrefOf = (row: HTMLElement) => row.querySelector('a')?.getAttribute('href') ?? null;

/** Of the rows about the panel the one that has the focus, else the one it was opened from, else the first. */
export function currentRow(href: string, opener: string | undefined): HTMLElement | undefined {
  const rows = allRows().filter((row) => hrefOf(row) === href);
  const focused = rowAround(document.activeElement);
  return (
    rows.find((row) => row === focused) ?? rows.find((row) => row.dataset.id === opener) ?? rows[0]
  );
}

/** The next row, or the one before, that is about something else. */
export function rowAfter(row: HTMLElement | undefined, step: 1 | -1): HTMLElement | undefined {
  if (row === undefined) return undefined;
  const rows = allRows();
  let at = rows.indexOf(row);
  let next = rows[at];
  while (next !== undefined && hrefOf(next) === hrefOf(row)) {
    at += step;
    next = rows[at];
  }
  return next;
}

export const focusRow = (href: string, opener: string | undefined) =>
  currentRow(href, opener)?.querySelector('a')?.focus();
