/** The custom section by which toolchains sign their modules. */

const CUSTOM_SECTION = 0;

/** A name as WebAssembly writes it. Names here are shorter than 128 bytes, so that a length is one byte. */
const nameBytes = (name: string): number[] => {
  const bytes = Array.from(new TextEncoder().encode(name));
  if (bytes.length > 127) throw new RangeError(`the name "${name}" has ${bytes.length} bytes, expected at most 127`);
  return [bytes.length, ...bytes];
};

/** A copy of `module` with a section that says it was processed by `tool`; see WebAssembly's tool conventions. */
export function withProducer(module: Uint8Array, tool: string): Uint8Array {
  const field = [...nameBytes('processed-by'), 1, ...nameBytes(tool), ...nameBytes('1.0.0')];
  const content = [...nameBytes('producers'), 1, ...field];
  if (content.length > 127)
    throw new RangeError(`the producers section has ${content.length} bytes, expected at most 127`);
  return Uint8Array.from([...module, CUSTOM_SECTION, content.length, ...content]);
}
