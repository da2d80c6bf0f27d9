/** The first lines of a text, and how many more there are: what follows twenty empty lines is told to be there. */
export function foldLines(text: string, linesMax: number): { head: string; more: number } {
  let end = -1;
  for (let line = 0; line < linesMax; line += 1) {
    end = text.indexOf('\n', end + 1);
    if (end === -1) return { head: text, more: 0 };
  }
  return { head: text.slice(0, end), more: text.slice(end + 1).split('\n').length };
}
