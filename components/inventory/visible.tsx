import { type Segment, visibleSegments } from '@/lib/inventory/visible';

/**
 * Words that somebody else wrote. What hides, reorders or commands is shown as a label; direction never
 * leaks out of it into the words around.
 */
export function Visible({ text, oneLine = false }: { text: string; oneLine?: boolean }) {
  const segments = visibleSegments(text, oneLine);
  return <bdi>{segments.map((segment, index) => part(segment, index))}</bdi>;
}

function part(segment: Segment, index: number) {
  if (segment.kind === 'text') return segment.text;
  return (
    <span
      // Segments of a text never move; their place is what they are.
      key={`${index}-${segment.kind}`}
      className={segment.kind === 'redacted' ? 'redacted' : 'named-char'}
      title={segment.name}
    >
      {segment.kind === 'redacted' ? `redacted ${segment.text}` : segment.text}
    </span>
  );
}
