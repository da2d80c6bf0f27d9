import type { JudgedTouch } from '@/components/identities/touched-table';
import type { Touched } from '@/lib/inventory/touched/queries';

/** Whether each was expected, the unexpected first; nothing is said where nothing is expected. */
export function judgeTouched(
  touched: readonly Touched[],
  expects: readonly string[],
): JudgedTouch[] {
  const judged = touched.map((each) => ({
    ...each,
    isExpected:
      expects.length === 0 ? null : each.resource !== null && expects.includes(each.resource),
  }));
  const unexpected = judged.filter(({ isExpected }) => isExpected === false);
  return [...unexpected, ...judged.filter((each) => !unexpected.includes(each))];
}
