/** The zoo as artifacts of the build: sound modules by Zig, faulty ones as copies with one number changed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Artifact, zigSources } from '../artifact.ts';
import { ABI_MODULES, type AbiModule } from './abi.ts';
import { withFault } from './fault.ts';
import { withProducer } from './producers.ts';
import { SOUND_MODULES } from './sound.ts';
import { faultFile, ZOO_ALLOCATORS, ZOO_FAULTS, type ZooFault } from './zoo.ts';

/** Where the zoo's modules lie once they are built. */
export const ZOO_DIRECTORY = join(import.meta.dirname, '../dist/zoo');

const TARGET = ['-target', 'wasm32-freestanding', '-mcpu=generic+bulk_memory', '-O', 'ReleaseSmall', '-fstrip'];
const LINK = ['-fno-entry', '-rdynamic', '-fno-compiler-rt', '--stack', '16384'];
const PAGE_BYTES = 65536;
const CORE = join(import.meta.dirname, 'list_heap.zig');

const memoryFlags = (initialPages: number, maximumPages: number): readonly string[] => [
  `--initial-memory=${initialPages * PAGE_BYTES}`,
  `--max-memory=${maximumPages * PAGE_BYTES}`,
];

const fileOf = (name: string): string => join(ZOO_DIRECTORY, `${name}.wasm`);

const ALLOCATORS: readonly Artifact[] = ZOO_ALLOCATORS.map(({ name, initialPages, maximumPages }) => {
  const root = join(import.meta.dirname, `${name.replaceAll('-', '_')}.zig`);
  const memory = memoryFlags(initialPages, maximumPages);
  return {
    name: `zoo-${name}`,
    output: fileOf(name),
    inputs: zigSources(root),
    command: (output) => ['build-exe', ...TARGET, ...LINK, ...memory, root, `-femit-bin=${output}`],
  };
});

/** A module over the core in `list_heap.zig`, which its source imports as `zoo`. */
function coreModule(name: string, source: string, flags: readonly string[] = []): Artifact {
  const root = join(import.meta.dirname, source);
  const modules = ['--dep', 'zoo', `-Mroot=${root}`, `-Mzoo=${CORE}`];
  return {
    name: `zoo-${name}`,
    output: fileOf(name),
    inputs: [...zigSources(root), ...zigSources(CORE)],
    command: (output) => [
      'build-exe',
      ...TARGET,
      ...modules,
      ...LINK,
      ...memoryFlags(2, 64),
      ...flags,
      `-femit-bin=${output}`,
    ],
  };
}

function faultyCopy(fault: ZooFault): Artifact {
  const sound = ALLOCATORS.find(({ name }) => name === `zoo-${fault.allocator}`);
  if (sound === undefined) throw new Error(`the zoo has no allocator ${fault.allocator} for fault ${fault.fault}`);
  return {
    name: `zoo-${fault.allocator}-${fault.fault}`,
    output: join(ZOO_DIRECTORY, faultFile(fault)),
    // The code is not in any of these files but depends on the order of the table, which is.
    inputs: [join(import.meta.dirname, 'fault.ts'), join(import.meta.dirname, `faults/${fault.allocator}.ts`)],
    needs: [sound],
    derive: ([path = '']) => withFault(readFileSync(path), fault.code),
  };
}

function abiModule({ name, importsMemory, producer }: AbiModule): Artifact {
  const source = `abi/${name.replaceAll('-', '_')}.zig`;
  const linked = coreModule(`abi-${name}`, source, importsMemory ? ['--import-memory'] : []);
  return producer === undefined ? linked : signed(linked, producer);
}

/** `linked`, which becomes an intermediate file, with a producers section. */
function signed({ name, output = '', inputs, command }: Artifact, producer: string): Artifact {
  const linked: Artifact = { name: `${name}-unsigned`, inputs, ...(command === undefined ? {} : { command }) };
  return {
    name,
    output,
    inputs: [join(import.meta.dirname, 'producers.ts'), join(import.meta.dirname, 'abi.ts')],
    needs: [linked],
    derive: ([path = '']) => withProducer(readFileSync(path), producer),
  };
}

/** Every module of the zoo. */
export const ZOO_MODULES: readonly Artifact[] = [
  ...ALLOCATORS,
  ...ZOO_FAULTS.map(faultyCopy),
  ...SOUND_MODULES.map(({ name }) => coreModule(`sound-${name}`, `sound/${name.replaceAll('-', '_')}.zig`)),
  ...ABI_MODULES.map(abiModule),
];
