/** `line` as many times as `count` says, for faults that only a long trace reaches. */
export const repeat = (count: number, line: string): string => Array.from({ length: count }, () => line).join('\n');

/** Lines of a trace, given as arguments. */
export const lines = (...operations: readonly string[]): string => operations.join('\n');

/** `request` as many times, each into a slot of its own. */
export const numbered = (times: number, request: string): string =>
  Array.from({ length: times }, (_, slot) => `%${slot} = ${request}`).join('\n');
