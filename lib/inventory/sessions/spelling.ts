import { z } from 'zod';
import type { Message, Part } from '../conversation';
import { prettyJson } from '../pretty-json';

/** Of a text no more than this is in a turn; the entry itself holds all of it. */
export const sayCharsMax = 4000;

/** What a message says, whatever the spelling of its JSON; ids of calls differ between dialects and are left out. */
export const keyOf = ({ role, parts }: Message): string =>
  [
    role === 'model' ? 'assistant' : role,
    ...parts
      .filter(({ kind }) => kind !== 'note')
      .map(
        (part) =>
          `${part.kind} ${part.kind === 'tool_call' ? part.title : ''} ${loose(innerOf(part))}`,
      ),
  ].join('\n');

const Inner = z.looseObject({});
const argumentKeys = ['arguments', 'input', 'args'];
const resultKeys = ['response', 'result', 'output', 'content'];

/** Of a call its arguments, of a result its words; all of the part where it holds them in no known place. */
export function innerOf({ kind, text }: Part): string {
  if (kind !== 'tool_call' && kind !== 'tool_result') return text;
  const outer = objectOf(text);
  const call = Inner.safeParse(outer?.tool_call).data ?? outer;
  const holder = Inner.safeParse(call?.function).data ?? call;
  const keys = kind === 'tool_call' ? argumentKeys : resultKeys;
  const key = keys.find((name) => holder?.[name] !== undefined && holder[name] !== null);
  if (holder === null || key === undefined) return text;
  const found = holder[key];
  return plainOf(typeof found === 'string' ? found : JSON.stringify(found));
}

function objectOf(text: string) {
  try {
    return Inner.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Text as it is, JSON set out in lines; of a list of texts the texts. */
export function plainOf(text: string): string {
  const pretty = prettyJson(text);
  if (pretty === null) return text;
  const value: unknown = JSON.parse(text);
  if (typeof value === 'string') return value;
  const texts = TextList.safeParse(value).data;
  return texts === undefined ? pretty : texts.map((each) => each.content ?? each.text).join('\n\n');
}

const TextList = z
  .array(
    z
      .strictObject({
        type: z.literal('text'),
        content: z.string().optional(),
        text: z.string().optional(),
      })
      .refine(({ content, text }) => (content === undefined) !== (text === undefined)),
  )
  .min(1);

/** Without what only spelling adds: quotes, brackets, escapes and white space. */
export const loose = (text: string): string => text.replace(/\\[nrt]|[\s"'\\{}[\](),:]+/g, '');

/** Never through the middle of a character. */
export function cut(text: string): { text: string; chars: number } {
  if (text.length <= sayCharsMax) return { text, chars: text.length };
  const last = text.charCodeAt(sayCharsMax - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? sayCharsMax - 1 : sayCharsMax;
  return { text: text.slice(0, end), chars: text.length };
}
