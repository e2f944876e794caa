import { describe, expect, it } from 'vitest';
import { directoryName } from './directory-name.ts';

describe('directoryName', () => {
  it("is a subject's own name", () => {
    expect(directoryName('host-bump')).toBe('host-bump');
  });

  it('shows the path of a module inside the project', () => {
    expect(directoryName('node_modules/wasmoon/dist/glue.wasm')).toBe('node_modules+wasmoon+dist+glue.wasm');
  });

  it('keeps modules of one file name apart', () => {
    const names = ['a/m.wasm', 'b/m.wasm', '/a/m.wasm', '../a/m.wasm', 'm.wasm', 'C:\\a\\m.wasm'].map(directoryName);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[^./\\:][^/\\:]*$/);
  });

  it('is short, and another for each, however long the paths', () => {
    const deep = 'x'.repeat(300);
    expect(directoryName(`a/${deep}.wasm`).length).toBeLessThan(100);
    expect(directoryName(`a/${deep}.wasm`)).not.toBe(directoryName(`b/${deep}.wasm`));
  });
});
