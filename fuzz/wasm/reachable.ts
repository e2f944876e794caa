/** The functions that can run when some exports are called: direct calls, and tables by type. */
import { ByteReader } from './byte-reader.ts';
import { InstructionWalker, OP } from './instructions.ts';
import { functionTypeOf, SECTION, sectionOf, type WasmModule } from './module.ts';
import { readValueType, showType } from './types.ts';

/** Indices of every function reachable from the exports named `roots`. Throws UnknownInstruction. */
export function reachableFunctions(module: WasmModule, roots: readonly string[]): Set<number> {
  const bodies = functionBodies(module);
  const byType = elementFunctionsByType(module);
  const names = new Set(roots);
  const waiting = module.exports
    .filter((entry) => entry.kind === 'function' && names.has(entry.name))
    .map((entry) => entry.index);
  const reached = new Set<number>();
  for (let current = waiting.pop(); current !== undefined; current = waiting.pop()) {
    if (reached.has(current)) continue;
    reached.add(current);
    const body = bodies[current - module.importedFunctionCount];
    if (body !== undefined) waiting.push(...callees(module, body, byType));
  }
  return reached;
}

function functionBodies(module: WasmModule): Uint8Array[] {
  const section = sectionOf(module.sections, SECTION.code);
  if (section === undefined) return [];
  const reader = new ByteReader(section.contents);
  return reader.vector(() => reader.take(reader.u32()));
}

/** Functions a table may hold, by the text of their type, since equal types may have several indices. */
function elementFunctionsByType(module: WasmModule): Map<string, number[]> {
  const byType = new Map<string, number[]>();
  for (const index of module.elementFunctions) {
    const key = showType(functionTypeOf(module, index));
    byType.set(key, [...(byType.get(key) ?? []), index]);
  }
  return byType;
}

function callees(module: WasmModule, body: Uint8Array, byType: ReadonlyMap<string, readonly number[]>): number[] {
  const reader = new ByteReader(body);
  skipLocals(reader);
  const walker = new InstructionWalker(reader);
  const found = new Set<number>();
  while (!reader.done) {
    walker.next();
    if (walker.opcode === OP.call || walker.opcode === OP.returnCall || walker.opcode === OP.refFunc)
      found.add(walker.index);
    if (walker.opcode !== OP.callIndirect && walker.opcode !== OP.returnCallIndirect) continue;
    for (const index of byType.get(showType(module.types[walker.index])) ?? []) found.add(index);
  }
  return [...found];
}

function skipLocals(reader: ByteReader): void {
  reader.vector(() => {
    reader.u32();
    readValueType(reader);
  });
}
