/** Where a module's own part of its memory ends, as wasm-ld tells whoever exports its symbols. */

/** The end of data and stack, from which a module's malloc, if it has one, takes memory. */
const HEAP_BASE_SYMBOL = '__heap_base';

/** The end of data alone: with wasm-ld's usual order the stack follows it. */
const DATA_END_SYMBOL = '__data_end';

/** The address that `__heap_base` holds; undefined when the module does not export it. */
export function heapBaseOf(exports: WebAssembly.Exports): number | undefined {
  return addressOf(exports[HEAP_BASE_SYMBOL]);
}

/** The first address not known to be the module's own: the higher of what it exports, or 0 when it exports neither. */
export function moduleEnd(exports: WebAssembly.Exports): number {
  return Math.max(heapBaseOf(exports) ?? 0, addressOf(exports[DATA_END_SYMBOL]) ?? 0);
}

/** An i32 comes out of WebAssembly signed, an address is not. */
function addressOf(symbol: WebAssembly.ExportValue | undefined): number | undefined {
  return symbol instanceof WebAssembly.Global ? Number(symbol.value) >>> 0 : undefined;
}
