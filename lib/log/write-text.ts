/** Up to here a loop over the characters is quicker than a call out of JavaScript. */
const SHORT_TEXT = 32;

/** Writes text as UTF-8, for which there must be room, and returns how many bytes it took. */
export function writeText(buffer: Buffer, value: string, at: number): number {
  const { length } = value;
  if (length > SHORT_TEXT) return buffer.write(value, at, 'utf8');
  for (let index = 0; index < length; index += 1) {
    const code = value.charCodeAt(index);
    // What the loop wrote so far is written over.
    if (code > 127) return buffer.write(value, at, 'utf8');
    buffer[at + index] = code;
  }
  return length;
}
