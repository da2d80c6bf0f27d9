import { type Filter, facets, type Range, unregistered } from '../address';
import { exchange } from '../kinds';
import { kindLabels, presetLabels, statusLabels } from '../labels';

const labels: Partial<Record<string, Record<string, { word: string }>>> = {
  kind: { ...kindLabels, [exchange]: { word: 'Exchange' } },
  status: statusLabels,
};

/** What a view is filtered by, each as words to read: `kind: Tool call or Retrieval`. */
export function termsOf(
  { filter, range }: { filter: Filter; range: Range },
  names: ReadonlyMap<string, string>,
): string[] {
  const wordOf = (facet: string, value: string): string => {
    if (facet === 'identity')
      return value === unregistered ? 'Unregistered' : (names.get(value) ?? value);
    return labels[facet]?.[value]?.word ?? value;
  };
  return [
    rangeWords(range),
    ...(filter.text ?? []).map((term) =>
      term.startsWith('-') ? `without “${term.slice(1)}”` : `with “${term}”`,
    ),
    ...(filter.isCounted ? ['each exchange once'] : []),
    ...facets
      .filter((facet) => filter[facet].length > 0)
      .map(
        (facet) => `${facet}: ${filter[facet].map((value) => wordOf(facet, value)).join(' or ')}`,
      ),
  ];
}

const minute = (at: Date): string => at.toISOString().slice(0, 16).replace('T', ' ');

function rangeWords({ preset, from, to }: Range): string {
  if (preset !== null) return presetLabels[preset];
  return `From ${minute(from)} to ${to === null ? 'now' : minute(to)}, UTC`;
}
