export type Losable = 'key' | 'input';

/** What would be lost with a part of the page: a key that is shown once, or what somebody wrote in a form. */
export function losableIn(part: HTMLElement | null): Losable | null {
  if (part === null) return null;
  if (part.querySelector('[data-shown-once]') !== null) return 'key';
  const isWritten = [...part.querySelectorAll('input, textarea, select')].some((field) => {
    if (field instanceof HTMLSelectElement)
      return [...field.options].some(
        ({ selected, defaultSelected }) => selected && !defaultSelected,
      );
    if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
    if (!(field instanceof HTMLInputElement) || field.type === 'hidden') return false;
    return field.type === 'checkbox'
      ? field.checked !== field.defaultChecked
      : field.value !== field.defaultValue;
  });
  return isWritten ? 'input' : null;
}
