import { describe, expect, it } from 'vitest';
import { type AssembledFunction, assemble } from '../../wasm/assemble.ts';
import { subjectFromModule } from '../wasm-module.ts';

/**
 * Next fit over blocks from 1024 to the end of the page, their size and a bit that says "used" in the 8 bytes before each. All
 * free neighbours are joined at each free. The search begins at the block that was given last, or at what that has been
 * joined to; at the end of the page it does `atEnd`, with the number of the lap in local 4.
 */
function nextFit(atEnd: string): AssembledFunction[] {
  const malloc: AssembledFunction = {
    name: 'malloc',
    params: ['i32'],
    results: ['i32'],
    locals: ['i32', 'i32', 'i32', 'i32'],
    body: `local.get 0 i32.const 60000 i32.gt_u if void i32.const 0 return end
      i32.const 0 i32.load 0 1024 i32.eqz if void i32.const 0 i32.const 64512 i32.store 0 1024 end
      local.get 0 i32.const 1 local.get 0 select i32.const 15 i32.add i32.const -8 i32.and local.set 0
      global.get 0 local.set 1
      loop void
        local.get 1 i32.const 65536 i32.ge_u if void ${atEnd} end
        local.get 1 i32.load 0 0 local.tee 2 i32.const 1 i32.and i32.eqz if void
          local.get 2 local.get 0 i32.ge_u if void
            local.get 2 local.get 0 i32.const 8 i32.add i32.gt_u if void
              local.get 1 local.get 0 i32.add local.get 2 local.get 0 i32.sub i32.store 0 0
              local.get 0 local.set 2
            end
            local.get 1 local.get 2 i32.const 1 i32.or i32.store 0 0
            local.get 1 global.set 0
            local.get 1 i32.const 8 i32.add return
          end
        end
        local.get 1 local.get 2 i32.const -2 i32.and i32.add local.set 1
        br 0
      end
      i32.const 0`,
  };
  const free: AssembledFunction = {
    name: 'free',
    params: ['i32'],
    locals: ['i32', 'i32', 'i32'],
    body: `local.get 0 i32.eqz if void return end
      local.get 0 i32.const 8 i32.sub local.tee 0 local.get 0 i32.load 0 0 i32.const -2 i32.and i32.store 0 0
      i32.const 1024 local.set 1
      loop void
        local.get 1 i32.const 65536 i32.ge_u if void return end
        local.get 1 i32.load 0 0 local.tee 2 i32.const 1 i32.and i32.eqz if void
          loop void
            local.get 1 local.get 2 i32.add local.tee 3 i32.const 65536 i32.lt_u if void
              local.get 3 i32.load 0 0 i32.const 1 i32.and i32.eqz if void
                local.get 3 global.get 0 i32.eq if void local.get 1 global.set 0 end
                local.get 2 local.get 3 i32.load 0 0 i32.add local.set 2
                br 2
              end
            end
          end
          local.get 1 local.get 2 i32.store 0 0
        end
        local.get 1 local.get 2 i32.const -2 i32.and i32.add local.set 1
        br 0
      end`,
  };
  return [malloc, free];
}

function profileOf(functions: AssembledFunction[]) {
  const globals = [{ type: 'i32', mutable: true, value: 'i32.const 1024' }] as const;
  return subjectFromModule(assemble({ memory: [1, 1, 1], globals, functions })).probed().profile;
}

describe('free neighbours', () => {
  it('are joined by a search that goes round', () => {
    const goRound = 'local.get 4 if void i32.const 0 return end i32.const 1 local.set 4 i32.const 1024 local.set 1';
    expect(profileOf(nextFit(goRound))).toMatchObject({ reclaims: true, coalesces: true });
  });

  it('are joined by one that should go round, and finds only what lies behind', () => {
    expect(profileOf(nextFit('i32.const 0 return'))).toMatchObject({ coalesces: true });
  });
});
