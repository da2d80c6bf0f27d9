import { setImmediate } from 'node:timers/promises';

const perTurn = 200;

/** `items` through `work`, in order; others have the process between every 200, however many there are. */
export async function inTurns<Item, Made>(
  items: readonly Item[],
  work: (item: Item) => Made,
): Promise<Made[]> {
  const made: Made[] = [];
  for (const item of items) {
    if (made.length > 0 && made.length % perTurn === 0) await setImmediate();
    made.push(work(item));
  }
  return made;
}
