import { describe, expect, it } from 'vitest';
import { assemble } from './assemble.ts';
import { MalformedModule } from './byte-reader.ts';
import { exportedFunctionType, parseModule } from './module.ts';
import { showType } from './types.ts';

const withSections = (sections: Readonly<Record<number, readonly number[]>>) => parseModule(assemble({ sections }));

describe('parseModule', () => {
  it('counts every type of a recursive group, and keeps function types', () => {
    const struct = [0x5f, 2, 0x78, 1, 0x63, 0x6e, 0];
    const array = [0x50, 1, 0, 0x5e, 0x77, 1];
    const final = [0x4f, 0, 0x60, 1, 0x64, 0, 1, 0x6d];
    const { types } = withSections({
      1: [2, 0x4e, 3, ...struct, ...array, ...final, 0x60, 2, 0x7f, 0x7c, 2, 0x7e, 0x7b],
    });
    expect(types.map(showType)).toEqual([
      'not a function type',
      'not a function type',
      '(reference) -> reference',
      '(i32, f64) -> (i64, v128)',
    ]);
  });

  it('reads limits, tables with an initial value, tags and every form of element segment', () => {
    const module = withSections({
      4: [2, 0x70, 0, 1, 0x40, 0, 0x6f, 1, 1, 9, 0xd0, 0x6f, 0x0b],
      5: [3, 0, 1, 3, 1, 2, 5, 1, 0x80, 0x80, 4],
      9: [
        8,
        ...[0, 0x41, 0, 0x0b, 1, 0],
        ...[1, 0, 1, 1],
        ...[2, 0, 0x41, 0, 0x0b, 0, 1, 2],
        ...[3, 0, 1, 3],
        ...[4, 0x41, 0, 0x0b, 1, 0xd2, 4, 0x0b],
        ...[5, 0x70, 1, 0xd2, 5, 0x0b],
        ...[6, 0, 0x41, 0, 0x0b, 0x70, 1, 0xd2, 6, 0x0b],
        ...[7, 0x70, 2, 0xd2, 7, 0x0b, 0xd0, 0x70, 0x0b],
      ],
    });
    expect(module.tables.map(({ type, limits }) => [type, limits.maximum])).toEqual([
      ['funcref', undefined],
      ['externref', 9],
    ]);
    expect(module.memories.map(({ shared, is64, maximum }) => [shared, is64, maximum])).toEqual([
      [false, false, undefined],
      [true, false, 2],
      [false, true, 65536],
    ]);
    expect([...module.elementFunctions]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('finds the type of an exported function', () => {
    const module = parseModule(assemble({ memory: [0, 1], functions: [{ name: 'f', params: ['f32'], body: 'nop' }] }));
    expect([showType(exportedFunctionType(module, 'f')), exportedFunctionType(module, 'memory')]).toEqual([
      '(f32) -> ()',
      undefined,
    ]);
  });

  it.each<[string, Readonly<Record<number, readonly number[]>>]>([
    ['unknown value type 0x11', { 1: [1, 0x60, 1, 0x11, 0] }],
    ['unknown form of type 0x11', { 1: [1, 0x11] }],
    ['unknown kind of import 9', { 2: [1, 1, 0x61, 1, 0x62, 9] }],
    ['unknown flags 0x8 of a memory or table', { 5: [1, 8, 0] }],
    ['unknown flags 0x2 of a global', { 6: [1, 0x7f, 2] }],
    ['unknown kind of export "a"', { 7: [1, 1, 0x61, 9, 0] }],
    ['unknown flags 8 of an element segment', { 9: [1, 8] }],
    ['is no section', { 8: [] }],
  ])('refuses: %s', (message, sections) => {
    const read = () => withSections(sections);
    if (message === 'is no section') expect(read).toThrow(MalformedModule);
    else expect(read).toThrow(message);
  });

  it('refuses what is no module', () => {
    expect(() => parseModule(new TextEncoder().encode('#!/bin/sh'))).toThrow('not a WebAssembly module');
    expect(() => parseModule(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 14, 0]))).toThrow('unknown section 14');
    expect(() => parseModule(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 9]))).toThrow(MalformedModule);
  });
});
