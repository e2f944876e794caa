/** Grows `memory` by `pages`, as a host does. False when it is refused. */
export function growMemory(memory: WebAssembly.Memory, pages: number): boolean {
  try {
    memory.grow(pages);
    return true;
  } catch {
    return false;
  }
}
