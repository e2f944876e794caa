/** Work that is done several at a time and taken one at a time. */

/**
 * Starts `work` on each item, at most `atOnce` at the same time, and hands the results to `take` in the order of the
 * items. When `take` says false, nothing further is started or taken; what is under way ends first. Rejects as `work` or
 * `take` does.
 */
export async function inTurn<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
  take: (result: Result) => Promise<boolean>,
): Promise<void> {
  const waiting = items.values();
  let goesOn = true;
  let taken: Promise<void> = Promise.resolve();
  const hand = async (): Promise<void> => {
    for (let next = waiting.next(); goesOn && next.done !== true; next = waiting.next()) {
      const result = work(next.value);
      taken = Promise.all([result, taken]).then(async ([value]) => {
        if (goesOn) goesOn = await take(value);
      });
      // Told of below; without this, a rejection that comes earlier counts as one nobody handles.
      taken.catch(() => undefined);
      await result;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, hand));
  await taken;
}
