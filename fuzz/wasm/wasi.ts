/**
 * WASI preview 1 for a machine with a clock, random bytes, and nothing else: no files, no arguments, no environment.
 * Source of numbers and layouts: the WASI preview 1 witx files.
 */
import { type Host, ModuleAborted } from './host.ts';
import type { ImportedFunction } from './known-imports.ts';

const SUCCESS = 0;
const BADF = 8;
const FAULT = 21;
const NOENT = 44;
const NOSYS = 52;

/** Standard input, output and error are open; every other descriptor is bad. */
const isStandard = (descriptor: number) => descriptor >= 0 && descriptor <= 2;
const CHARACTER_DEVICE = 2;
const STAT_BYTES = 24;

function noStrings(host: Host, count: number, sizeBytes: number): number {
  host.writeU32(count, 0);
  host.writeU32(sizeBytes, 0);
  return SUCCESS;
}

function randomBytes(host: Host, pointer: number, sizeBytes: number): number {
  const bytes = host.bytes(pointer, sizeBytes);
  if (bytes === undefined) return FAULT;
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = host.randomByte();
  return SUCCESS;
}

/** Takes everything it is given and drops it. An iovec is a pointer and a length, 8 bytes. */
function writeNowhere(host: Host, descriptor: number, vectors: number, count: number, written: number): number {
  if (!isStandard(descriptor)) return BADF;
  let total = 0;
  for (let index = 0; index < count; index += 1) total += host.readU32(vectors + index * 8 + 4);
  host.writeU32(written, total);
  return SUCCESS;
}

function readNothing(host: Host, descriptor: number, read: number): number {
  if (!isStandard(descriptor)) return BADF;
  host.writeU32(read, 0);
  return SUCCESS;
}

function describeDescriptor(host: Host, descriptor: number, pointer: number): number {
  if (!isStandard(descriptor)) return BADF;
  host.bytes(pointer, STAT_BYTES)?.fill(0)?.set([CHARACTER_DEVICE]);
  return SUCCESS;
}

function tellTime(host: Host, pointer: number): number {
  host.writeU64(pointer, host.nowNanoseconds());
  return SUCCESS;
}

function tellResolution(host: Host, pointer: number): number {
  host.writeU64(pointer, 1_000_000n);
  return SUCCESS;
}

/** The function of this name; names that are not listed answer "no such file" (paths), "bad descriptor" or "not supported". */
export function wasiFunction(name: string, host: Host): ImportedFunction {
  const n = Number;
  switch (name) {
    case 'args_sizes_get':
    case 'environ_sizes_get':
      return (count, sizeBytes) => noStrings(host, n(count), n(sizeBytes));
    case 'args_get':
    case 'environ_get':
    case 'sched_yield':
      return () => SUCCESS;
    case 'clock_time_get':
      return (_clock, _precision, pointer) => tellTime(host, n(pointer));
    case 'clock_res_get':
      return (_clock, pointer) => tellResolution(host, n(pointer));
    case 'random_get':
      return (pointer, sizeBytes) => randomBytes(host, n(pointer), n(sizeBytes));
    case 'fd_write':
      return (descriptor, vectors, count, written) =>
        writeNowhere(host, n(descriptor), n(vectors), n(count), n(written));
    case 'fd_read':
      return (descriptor, _vectors, _count, read) => readNothing(host, n(descriptor), n(read));
    case 'fd_fdstat_get':
      return (descriptor, pointer) => describeDescriptor(host, n(descriptor), n(pointer));
    case 'proc_exit':
      return (status) => {
        throw new ModuleAborted(`the module called proc_exit(${status})`, n(status));
      };
    default:
      return () => refusal(name);
  }
}

function refusal(name: string): number {
  if (name.startsWith('path_')) return NOENT;
  return name.startsWith('fd_') ? BADF : NOSYS;
}
