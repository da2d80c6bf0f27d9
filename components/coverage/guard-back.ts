/** Whether the page is at an entry of the history that `setGuard` put on top of its own. */
export const isGuarded = (): boolean => history.state?.isGuard === true;

/** Makes the next step back end on this same page. */
export function setGuard(): void {
  // Without an address nothing is loaded: the router only keeps its own state in the entry.
  if (!isGuarded()) history.pushState({ isGuard: true }, '');
}

/**
 * Calls `change` when something in `part` was written or came, and `back` when a step back ended at the address it has
 * now. Nobody else hears of such a step: what is shown is still right.
 */
export function watchBack(
  part: HTMLElement,
  { change, back }: { change: () => void; back: () => void },
): () => void {
  const here = location.href;
  const onPop = (event: PopStateEvent) => {
    if (location.href !== here || isGuarded()) return;
    event.stopImmediatePropagation();
    back();
  };
  // What is shown once comes some time after the press that asked for it.
  const observer = new MutationObserver(change);
  observer.observe(part, { childList: true, subtree: true });
  part.addEventListener('input', change);
  window.addEventListener('popstate', onPop, true);
  return () => {
    observer.disconnect();
    part.removeEventListener('input', change);
    window.removeEventListener('popstate', onPop, true);
  };
}
