/** Gives the only memory of a module, its own or an imported one, a size that never changes. */
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { readImport, readLimits, SECTION, type Section, sectionOf } from './module.ts';

const MEMORY_IMPORT = 2;
const HAS_MAXIMUM = 1;
const IS_SHARED = 2;

/** Puts the contents of the section that holds the memory, with a memory of `pages`, into `changed`. */
export function replaceMemory(sections: readonly Section[], changed: Map<number, Uint8Array>, pages: number): void {
  const own = sectionOf(sections, SECTION.memory);
  const imports = sectionOf(sections, SECTION.import);
  if (own !== undefined && new ByteReader(own.contents).peek() > 0) changed.set(SECTION.memory, ownMemory(own, pages));
  else if (imports !== undefined) changed.set(SECTION.import, importsWithMemory(imports, pages));
}

function ownMemory({ contents }: Section, pages: number): Uint8Array {
  const reader = new ByteReader(contents);
  const writer = new ByteWriter().u32(reader.u32());
  writeLimits(writer, readLimits(reader).shared, pages);
  return writer.view();
}

function importsWithMemory({ contents }: Section, pages: number): Uint8Array {
  const reader = new ByteReader(contents);
  const count = reader.u32();
  const writer = new ByteWriter(contents.length + 16).u32(count);
  while (!reader.done) {
    const start = reader.offset;
    const { module, name, type } = readImport(reader);
    if (type.kind !== 'memory') writer.range(contents, start, reader.offset);
    else writeLimits(writer.text(module).text(name).u8(MEMORY_IMPORT), type.limits.shared, pages);
  }
  return writer.view();
}

function writeLimits(writer: ByteWriter, shared: boolean, pages: number): void {
  writer
    .u8(HAS_MAXIMUM | (shared ? IS_SHARED : 0))
    .u32(pages)
    .u32(pages);
}
