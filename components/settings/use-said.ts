import { useRef } from 'react';

/** The line of a table that says what came of an act whose button goes with its row: whoever pressed it is led there. */
export function useSaid() {
  const line = useRef<HTMLParagraphElement>(null);
  const say = (sentence: string) => {
    if (line.current === null) return;
    line.current.textContent = sentence;
    line.current.focus();
  };
  return { line, say };
}
