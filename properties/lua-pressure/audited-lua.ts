/** A Lua machine whose every call of lua_alloc is accounted for, and a function `audit` for the programs it runs. */
import { LuaLedger } from '../../fuzz/lua/lua-ledger.ts';
import { TappedLua } from '../../fuzz/lua/tapped-lua.ts';
import { tappableModule } from './machines.ts';

/** os.time gives the sum of nsize - osize. Neither call allocates between the count and the sum. */
const AUDIT = `
function audit(error_bytes)
  local counted, summed = collectgarbage("count") * 1024, os.time()
  if counted + (error_bytes or 0) ~= summed then
    error(("Lua counts %d bytes, nsize - osize sums to %d"):format(counted, summed))
  end
end`;

export class AuditedLua {
  readonly #ledger = new LuaLedger();
  readonly #machine: TappedLua;

  /** Of the module `wasm/dist/<name>.wasm`. */
  constructor(name: string) {
    this.#machine = new TappedLua(tappableModule(name), { time: () => this.#ledger.liveBytes * 1000 });
    this.#machine.tap = this.#ledger.watching((pointer, oldBytes, newBytes, next) => next(pointer, oldBytes, newBytes));
  }

  /**
   * What `program` prints. Throws when it ends in an error, when Lua or the allocator breaks lua_Alloc's contract, when
   * the account is wrong after it (a buffer that an error left behind is no part of Lua's count until it is collected),
   * and when blocks are live after the state was closed.
   */
  outputOf(program: string, file = 'program'): string {
    const { lua } = this.#machine;
    lua.run(AUDIT);
    this.#machine.takeOutput();
    lua.run(program, `@${file}`);
    const output = this.#machine.takeOutput();
    lua.run('collectgarbage() collectgarbage() audit()');
    lua.close();
    this.#judge();
    return output;
  }

  #judge(): void {
    const { breach, blocks, liveBytes } = this.#ledger;
    if (breach !== undefined) throw new Error(breach);
    if (blocks.size > 0 || liveBytes !== 0)
      throw new Error(`${blocks.size} blocks, ${liveBytes} bytes, are left at the end`);
  }
}
