/** One word of a POSIX shell, whatever the text holds. */
export const shellQuote = (text: string): string =>
  /^[\w.:/@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** Lines that export variables. */
export const exports = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `export ${name}=${shellQuote(value)}`)
    .join('\n');
