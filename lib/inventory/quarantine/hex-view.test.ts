import { expect, it } from 'vitest';
import { hexView, rawBytesShown } from './hex-view';

it('shows offset, bytes and printable characters', () => {
  expect(hexView(Buffer.from('\u001b[31mred<script>'))).toBe(
    '000000  1b 5b 33 31 6d 72 65 64 3c 73 63 72 69 70 74 3e  .[31mred<script>',
  );
});

it('stops at a bound', () => {
  expect(hexView(new Uint8Array(rawBytesShown * 4)).split('\n')).toHaveLength(rawBytesShown / 16);
});
