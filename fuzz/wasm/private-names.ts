/** Names under which the rewriter exports what a module does not. No module uses them by itself. */
export const PRIVATE = {
  fuel: 'heaplaw:fuel',
  growCalls: 'heaplaw:grow-calls',
  growRefusal: 'heaplaw:grow-refusal',
  growLimit: 'heaplaw:grow-limit',
  otherState: 'heaplaw:other-state',
  memory: 'heaplaw:memory',
  table: 'heaplaw:table',
} as const;

/** The name of global `index` of the original module. */
export const privateGlobal = (index: number) => `heaplaw:global-${index}`;

/** The name of word `index` of the coverage bits. */
export const privateCoverage = (index: number) => `heaplaw:coverage-${index}`;
