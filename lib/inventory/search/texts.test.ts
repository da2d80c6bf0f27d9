import { expect, it } from 'vitest';
import { textsOf } from './texts';

it.each([
  ['plain words, "quoted"', ['plain words, "quoted"']],
  [
    '[{"role":"user","parts":[{"type":"text","content":"line one\\nline \\u4e8c"}]}]',
    ['user', 'text', 'line one\nline 二'],
  ],
  [
    '{"recipient":"alice","amount":12345678901234567890}',
    ['recipient', 'alice', 'amount', '12345678901234567890'],
  ],
  ['{"arguments":"{\\"path\\":\\"C:\\\\\\\\new\\"}"}', ['arguments', 'path', 'C:\\new']],
  ['{"a":"cut off in the mid', ['a', 'cut off in the mid']],
  ['{"a":null,"b":true}', ['a', 'b']],
])('%j holds %j', (body, texts) => {
  expect(textsOf(body)).toEqual(texts);
});

it('takes hostile nesting and endless strings as they come', () => {
  expect(textsOf('['.repeat(60_000))).toEqual([]);
  const startedMs = performance.now();
  expect(textsOf(`["${'\\"'.repeat(30_000)}`)).toHaveLength(1);
  expect(performance.now() - startedMs).toBeLessThan(500);
  let nested = '"deep"';
  for (let depth = 0; depth < 8; depth += 1) nested = JSON.stringify(`[${nested}]`);
  expect(textsOf(`[${nested}]`).join()).toContain('deep');
});
