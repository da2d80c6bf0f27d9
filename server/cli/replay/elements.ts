/** A part of a text that is a list, and in which line it begins. */
export type Element = { line: number; text: string };

/**
 * The elements of a list that is no JSON as a whole, cut by their brackets, so that one that is broken does not
 * take the others with it. What does not end is an element too.
 */
export function* elementsOf(text: string): Generator<Element> {
  let depth = 0;
  let isText = false;
  let line = 1;
  let from = -1;
  let fromLine = 1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x0a) {
      line += 1;
      // No string of JSON goes over a line: one that does was never closed.
      isText = false;
      continue;
    }
    if (isText) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) isText = false;
      continue;
    }
    const isOpening = code === 0x5b || code === 0x7b;
    const isClosing = code === 0x5d || code === 0x7d;
    if (depth === 1 && (code === 0x2c || isClosing)) {
      if (from >= 0) yield { line: fromLine, text: text.slice(from, at) };
      from = -1;
    } else if (depth > 0 && from < 0 && code > 0x20) {
      from = at;
      fromLine = line;
    }
    if (code === 0x22) isText = true;
    else if (isOpening) depth += 1;
    else if (isClosing) depth -= 1;
    if (depth === 0 && isClosing) return;
  }
  if (from >= 0) yield { line: fromLine, text: text.slice(from) };
}
