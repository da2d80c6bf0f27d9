export const rawBytesShown = 16_384;

/** Offset, sixteen bytes, and what of them is printable ASCII: nothing in it can act on a reader's screen. */
export function hexView(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, rawBytesShown); at += 16) {
    const row = bytes.subarray(at, Math.min(at + 16, rawBytesShown));
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = Array.from(row, (byte) =>
      byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.',
    );
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${ascii.join('')}`);
  }
  return lines.join('\n');
}
