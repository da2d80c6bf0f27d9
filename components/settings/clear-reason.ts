/** The next change has a reason of its own. */
export function clearReason(form: HTMLFormElement | null): void {
  const field = form?.elements.namedItem('reason');
  if (field instanceof HTMLInputElement) field.value = '';
}
