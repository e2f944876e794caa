/** Where a script's output goes, unless its host says otherwise: whole lines to the console. */

/** A stream of C's stdio. */
export type LuaStream = 'stdout' | 'stderr';

/** Takes bytes that a script wrote. They are the sink's own, and may end anywhere in a line or a character. */
export type LuaSink = (bytes: Uint8Array, stream: LuaStream) => void;

/** Prints each line as it becomes whole. A last line without an end is printed with the next output. */
export function consoleSink(console: Pick<Console, 'log' | 'error'> = globalThis.console): LuaSink {
  const printers = {
    stdout: linePrinter((line) => console.log(line)),
    stderr: linePrinter((line) => console.error(line)),
  };
  return (bytes, stream) => printers[stream](bytes);
}

function linePrinter(print: (line: string) => void): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder();
  let rest = '';
  return (bytes) => {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) print(line);
  };
}
