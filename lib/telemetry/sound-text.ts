/**
 * The text as PostgreSQL and every reader of UTF-8 take it: NUL and lone surrogates become U+FFFD. The same string
 * where there is nothing to replace.
 */
export function soundText(text: string): string {
  if (!text.includes('\0') && text.isWellFormed()) return text;
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}
