/** The function of a module that gives up all blocks at once. */
import { functionTypeOf, type WasmModule } from '../wasm/module.ts';
import { showType } from '../wasm/types.ts';
import { signature } from './abi/abi.ts';

const NAMES_A_RESET = /reset|(free|release)_?all/i;

/** The export that its name says resets the heap; undefined when there is none. */
export function resetExportOf(module: WasmModule): string | undefined {
  const found = module.exports.find(
    ({ kind, name, index }) =>
      kind === 'function' && NAMES_A_RESET.test(name) && showType(functionTypeOf(module, index)) === signature(0, 0),
  );
  return found?.name;
}
