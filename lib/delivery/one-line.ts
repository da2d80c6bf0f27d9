/**
 * Text that others wrote as one visible line of so many characters at most: nothing in it ends a header, hides, or
 * reorders what stands around it.
 */
export function oneLine(text: string, max: number): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  const letters = [...line];
  return letters.length <= max ? line : `${letters.slice(0, max - 1).join('')}…`;
}

/** The same for a message of several lines. */
export const manyLines = (text: string, max: number): string =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => oneLine(line, max))
    .join('\n')
    .slice(0, max);

/** Mail programs make links of what looks like one: what others wrote must not become a link of ours. */
export const unlinked = (text: string): string =>
  text.replaceAll('://', '[:]//').replace(/\bwww\./gi, 'www[.]');
