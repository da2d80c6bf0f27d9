/** Does what it is given one after the other: each would wait for the same lock, and hold a connection meanwhile. */
export function createOneByOne() {
  let last: Promise<unknown> = Promise.resolve();
  return <Value>(work: () => Promise<Value>): Promise<Value> => {
    const done = last.then(work, work);
    last = done;
    return done;
  };
}
