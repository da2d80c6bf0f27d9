import { shorten } from '@/lib/inventory/address';
import { type RegistryField, registryExamples, registryFieldNames } from './fields';

export type RegistryTerms = {
  terms: { field: RegistryField; value: string }[];
  words: string[];
  isUnowned: boolean;
  problems: string[];
  typed: string;
};

/** `field:value` or `field:"a value"`, `unowned`; any other word is looked for in names. */
export function readRegistryTerms(typed: string): RegistryTerms {
  const read: RegistryTerms = { terms: [], words: [], isUnowned: false, problems: [], typed };
  for (const [whole, phrase, named, quoted, bare = ''] of typed
    .slice(0, 2000)
    .matchAll(/"([^"]*)"|([^\s:"]+):(?:"([^"]*)"|(\S*))|[^\s"]+|"/g)) {
    const field = registryFieldNames.find((name) => name === named?.toLowerCase());
    const value = quoted ?? bare;
    if (phrase !== undefined) {
      if (phrase.trim() !== '') read.words.push(phrase.trim());
    } else if (field !== undefined && value !== '') read.terms.push({ field, value });
    else if (field !== undefined)
      read.problems.push(`${field}: needs a value: ${registryExamples[field]}.`);
    else if (named !== undefined)
      read.problems.push(
        `“${shorten(named)}” is not a field. Fields: ${registryFieldNames.join(', ')}, and unowned. To look for it in names, put it in quotes.`,
      );
    else if (whole === '"') read.problems.push('A quotation mark is missing its other one.');
    else if (whole.toLowerCase() === 'unowned') read.isUnowned = true;
    else read.words.push(whole);
  }
  return read;
}
