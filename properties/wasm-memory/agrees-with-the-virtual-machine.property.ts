/**
 * agrees-with-the-virtual-machine: what the host writes the machine loads, what the machine stores the host reads, and
 * the host refuses exactly where the machine traps.
 *
 * The machine is a module of eight loads and stores over the same memory (`oracles/virtual-machine.ts`), instantiated
 * before memory grows, as a running module is. Addresses are whole numbers below 2^32, as a module has no others.
 */
import fc from 'fast-check';
import { goodPointers, near } from '../arbitraries/borders.ts';
import {
  describeShape,
  type MemoryShape,
  memoryShapes,
  type Stage,
  sizeOf,
  stageOf,
} from '../arbitraries/memory-shapes.ts';
import { broken, type Claim, defineClaim } from '../claim.ts';
import { show, showAddress } from '../show.ts';
import type { Implementation } from './implementation.ts';
import { type MemoryLaw, verify } from './memory-law.ts';
import { NUMBER_TYPES, type NumberType, type NumericValue } from './number-types.ts';
import { type VirtualMachine, virtualMachineOf } from './oracles/virtual-machine.ts';

export const agreesWithTheVirtualMachine: MemoryLaw = {
  id: 'agrees-with-the-virtual-machine',
  sentence: 'the host and the machine read what the other wrote, and refuse the same addresses',
  claims: (subject) => NUMBER_TYPES.flatMap((type) => [sameValues(subject, type), sameBorders(subject, type)]),
};

interface Machine {
  readonly load: (address: number) => NumericValue;
  readonly store: (address: number, value: NumericValue) => void;
}

function machineFor(machine: VirtualMachine, type: NumberType): Machine {
  const machines: Record<NumberType['name'], Machine> = {
    I32: { load: machine.i32Load, store: (address, value) => machine.i32Store(address, Number(value)) },
    I64: { load: machine.i64Load, store: (address, value) => machine.i64Store(address, BigInt(value)) },
    F32: { load: machine.f32Load, store: (address, value) => machine.f32Store(address, Number(value)) },
    F64: { load: machine.f64Load, store: (address, value) => machine.f64Store(address, Number(value)) },
  };
  return machines[type.name];
}

function sameValues(subject: Implementation, type: NumberType): Claim {
  const check = (shape: MemoryShape, cases: readonly (readonly [bigint, number])[]): void => {
    const stage = stageOf(subject, shape);
    const machine = machineFor(virtualMachineOf(stage.raw), type);
    const last = sizeOf(stage.raw) - type.widthBytes;
    for (const [bits, pointer] of last < 0 ? [] : cases) {
      judgeBothWays(stage, machine, type, type.valueOf(bits), Math.min(pointer, last));
    }
  };
  const places = goodPointers(3 * 65_536, type.widthBytes);
  const cases = fc.array(fc.tuple(type.bits(), places), { minLength: 1, maxLength: 8 });
  return defineClaim(`${type.name} has the same value on both sides`, [memoryShapes(), cases], check);
}

function judgeBothWays(stage: Stage, machine: Machine, type: NumberType, value: NumericValue, ptr: number): void {
  const where = `(${showAddress(ptr)}, ${show(value)}) ${describeShape(stage.shape)}`;
  type.write(stage.memory, ptr, value);
  const loaded = machine.load(ptr);
  const name = type.name.toLowerCase();
  if (!Object.is(loaded, value))
    broken({ request: `write${type.name}${where}`, answer: loadedAs(name, loaded), allowed: loadedAs(name, value) });
  new Uint8Array(stage.raw.buffer).fill(0, ptr, ptr + type.widthBytes);
  machine.store(ptr, value);
  const answer = type.read(stage.memory, ptr);
  if (Object.is(answer, value)) return;
  broken({ request: `read${type.name} after ${name}.store${where}`, answer: show(answer), allowed: show(value) });
}

function loadedAs(name: string, value: NumericValue): string {
  return `${name}.load gives ${show(value)}`;
}

function sameBorders(subject: Implementation, type: NumberType): Claim {
  const check = (shape: MemoryShape, addresses: readonly number[]): void => {
    const stage = stageOf(subject, shape);
    const machine = machineFor(virtualMachineOf(stage.raw), type);
    const sizeBytes = sizeOf(stage.raw);
    const aroundEnd = Array.from({ length: type.widthBytes + 3 }, (_, at) => sizeBytes + 1 - at);
    const far = [2 ** 31, 2 ** 31 - 1, 2 ** 32 - type.widthBytes, 2 ** 32 - 1];
    for (const address of [...aroundEnd, ...far, ...addresses])
      if (address >= 0) judgeBorder(stage, machine, type, address);
  };
  const addresses = fc.array(fc.oneof(near(65_536), near(131_072), fc.nat(2 ** 32 - 1)), { maxLength: 6 });
  return defineClaim(`${type.name} is refused where the machine traps`, [memoryShapes(), addresses], check, {
    runs: 40,
  });
}

function judgeBorder(stage: Stage, machine: Machine, type: NumberType, address: number): void {
  const machineAnswers = answers(() => machine.load(address));
  for (const [name, call] of hostCalls(stage, type, address)) {
    if (answers(call) === machineAnswers) continue;
    broken({
      request: `${name}${type.name}(${showAddress(address)}) ${describeShape(stage.shape)}`,
      answer: machineAnswers ? 'a refusal' : 'an answer',
      allowed: machineAnswers ? 'an answer, as the machine loads from there' : 'a refusal, as the machine traps there',
    });
  }
}

function hostCalls(stage: Stage, type: NumberType, address: number): readonly (readonly [string, () => unknown])[] {
  return [
    ['read', () => type.read(stage.memory, address)],
    ['write', () => type.write(stage.memory, address, 1)],
  ];
}

function answers(call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}

if (import.meta.vitest) verify(agreesWithTheVirtualMachine);
