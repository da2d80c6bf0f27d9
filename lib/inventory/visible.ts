/**
 * Telemetry is written by whoever the agent talked to. Text that reaches a reader's eyes must be
 * what it seems: characters that hide, reorder or command are named instead of obeyed.
 */
export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  /** Shown as a small label; `name` says in words what stood there. */
  | { readonly kind: 'hidden'; readonly text: string; readonly name: string }
  | { readonly kind: 'redacted'; readonly text: string; readonly name: string };

const controlNames: Record<number, string> = {
  0: 'null',
  7: 'bell',
  8: 'backspace',
  13: 'carriage return',
  27: 'escape',
  127: 'delete',
};

const bidiNames: Record<number, string> = {
  1564: 'Arabic letter mark',
  8206: 'left-to-right mark',
  8207: 'right-to-left mark',
  8234: 'left-to-right embedding',
  8235: 'right-to-left embedding',
  8236: 'end of embedding',
  8237: 'left-to-right override',
  8238: 'right-to-left override',
  8294: 'left-to-right isolate',
  8295: 'right-to-left isolate',
  8296: 'first strong isolate',
  8297: 'end of isolate',
};

// Controls but tab and line feed; bidirectional controls; lone surrogates; line separators and annotations;
// what Unicode says to draw as nothing (format characters, fillers, variation selectors, tag characters, which
// carry whole hidden sentences, and code points kept free for more); and blanks that are no white space.
const hidingClass = [
  '\\0-\\x08\\x0B-\\x1F\\x7F-\\x9F',
  '\\p{Bidi_Control}',
  '\\p{Cs}',
  '\\u2028\\u2029',
  '\\p{Default_Ignorable_Code_Point}',
  '\\uFFF0-\\uFFFC',
  '\\u2800',
  '\\u{1D159}',
].join('');
const suspects = new RegExp(
  `\\[redacted:[a-z0-9_]{1,40}\\]|[\\u{E0020}-\\u{E007F}]+|[${hidingClass}]`,
  'gu',
);

const pictograph = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\uFE0F/u;

/** Beyond this many labels the rest is written out as plain text, so that a page stays usable. */
const labelsMax = 2000;

/** The kinds that were redacted before storage, of a row's `aws_key=1 password=2`. */
export const redactedKinds = (redacted: string | null): ReadonlySet<string> =>
  new Set((redacted ?? '').split(' ').flatMap((part) => part.split('=')[0] || []));

const noKinds: ReadonlySet<string> = new Set();

/**
 * Cuts text into what can be shown as it is and what must be named. Joined lengths stay the same order. Only
 * `kinds` are badged as redactions: a stranger can write `[redacted:password]` too.
 */
export function visibleSegments(
  text: string,
  isOneLine = false,
  kinds: ReadonlySet<string> = noKinds,
): Segment[] {
  const segments: Segment[] = [];
  let plain = '';
  let end = 0;
  let labels = 0;
  const flush = () => {
    if (plain !== '') segments.push({ kind: 'text', text: plain });
    plain = '';
  };
  for (const match of text.matchAll(suspects)) {
    const found = match[0];
    plain += text.slice(end, match.index);
    end = match.index + found.length;
    if (belongsToEmoji(text, match.index, found) || isForeignBadge(found, kinds)) {
      plain += found;
      continue;
    }
    const segment = named(found);
    labels += 1;
    if (labels > labelsMax) {
      plain += `‹${segment.text}›`;
      continue;
    }
    flush();
    segments.push(segment);
  }
  plain += text.slice(end);
  if (isOneLine) plain = plain.replaceAll('\n', ' ⏎ ');
  flush();
  return isOneLine ? segments.map(oneLine) : segments;
}

/** One line of plain text for places that hold no markup: titles, page names, copied words. */
export const visibleText = (text: string): string =>
  visibleSegments(text, true)
    .map((segment) => (segment.kind === 'hidden' ? `‹${segment.text}›` : segment.text))
    .join('');

const oneLine = (segment: Segment): Segment =>
  segment.kind === 'text' ? { ...segment, text: segment.text.replaceAll('\n', ' ⏎ ') } : segment;

const isForeignBadge = (found: string, kinds: ReadonlySet<string>): boolean =>
  found.startsWith('[redacted:') && !kinds.has(found.slice(10, -1));

/** Joiners and presentation selectors inside an emoji are spelling, not hiding. */
function belongsToEmoji(text: string, at: number, found: string): boolean {
  if (found !== '\u200D' && found !== '\uFE0F') return false;
  const before = codePointBefore(text, at);
  if (!(pictograph.test(before) || /[0-9#*]/.test(before))) return false;
  if (found === '\uFE0F') return true;
  return pictograph.test(String.fromCodePoint(text.codePointAt(at + 1) ?? 0));
}

function codePointBefore(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  const isPair = low >= 0xdc00 && low <= 0xdfff && at > 1;
  return text.slice(at - (isPair ? 2 : 1), at);
}

function named(found: string): Segment {
  if (found.startsWith('[redacted:')) {
    const kind = found.slice(10, -1).replaceAll('_', ' ');
    return { kind: 'redacted', text: kind, name: `Redacted before storage: ${kind}` };
  }
  const code = found.codePointAt(0) ?? 0;
  if (code >= 0xe0020 && code <= 0xe007f) {
    const hiddenText = [...found]
      .map((tag) => String.fromCharCode((tag.codePointAt(0) ?? 0) - 0xe0000))
      .join('')
      .replaceAll('\u007F', '');
    return { kind: 'hidden', text: `hidden “${hiddenText}”`, name: 'Text in invisible characters' };
  }
  const label = code === 27 ? 'ESC' : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return { kind: 'hidden', text: label, name: nameOf(code) };
}

function nameOf(code: number): string {
  const bidi = bidiNames[code];
  if (bidi !== undefined) return `Changes the direction of text: ${bidi}`;
  if (code < 32 || (code >= 127 && code < 160)) {
    const name = controlNames[code];
    return name === undefined ? 'Control character' : `Control character: ${name}`;
  }
  if (code >= 0xd800 && code <= 0xdfff) return 'Half of a character';
  if (code === 0x2028 || code === 0x2029) return 'Line separator';
  return 'Invisible character';
}
