/** Tag of a length-delimited field. */
export const tagOf = (field: number): number => field * 8 + 2;

/** An unsigned integer up to 2^53 as a varint. */
export function writeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

export function writeDelimited(field: number, content: Uint8Array): Buffer {
  return Buffer.concat([writeVarint(tagOf(field)), writeVarint(content.length), content]);
}

export function writeNumber(field: number, value: number): Buffer {
  return Buffer.concat([writeVarint(field * 8), writeVarint(value)]);
}
