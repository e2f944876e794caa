/** Every allocator with a fault that we can build, and every sound one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Profile } from '../../fuzz/model/profile.ts';
import { CanarySubject } from '../../fuzz/subjects/canary.ts';
import { builtModule } from '../../fuzz/subjects/lua-exports.ts';
import { LuaPoolSubject, type PoolFace } from '../../fuzz/subjects/lua-pool.ts';
import { ReclaimingSubject } from '../../fuzz/subjects/reclaiming.ts';
import type { Subject, SubjectDefinition } from '../../fuzz/subjects/subject.ts';
import { type ModuleOptions, subjectFromModule } from '../../fuzz/subjects/wasm-module.ts';
import { BUMP_FAULTS, type BumpFault } from '../../wasm/allocators/bump-faults.ts';
import { bumpFaultModule } from '../../wasm/allocators/bump-modules.ts';
import { RECLAIMING_FAULTS } from '../../wasm/allocators/reclaiming-faults.ts';
import { ABI_MODULES, type AbiModule } from '../../wasm/zoo/abi.ts';
import { ZOO_DIRECTORY } from '../../wasm/zoo/modules.ts';
import { SOUND_MODULES } from '../../wasm/zoo/sound.ts';
import { faultFile, ZOO_ALLOCATORS, ZOO_FAULTS, type ZooFault } from '../../wasm/zoo/zoo.ts';
import type { Case } from './case.ts';
import { metaCases } from './meta-cases.ts';

/** `probed`: the profile is what the module itself shows, as for a module from outside. `pinned`: that of the sound form. */
export type ProfileSource = 'probed' | 'pinned';

/** Faulty allocators first, then sound ones. */
export function allCases(source: ProfileSource): readonly Case[] {
  const zoo = ZOO_FAULTS.map((fault) => zooCase(fault, source));
  const ours = [...reclaimingCases(), ...BUMP_FAULTS.map(poolCase), CANARY, ...metaCases()];
  return [...zoo, ...ours, ...soundCases(source)];
}

function zooCase(fault: ZooFault, source: ProfileSource): Case {
  const { allocator, laws, leastOperations } = fault;
  const open = () => fromZoo(faultFile(fault), source, profileOf(fault));
  return { allocator, fault: fault.fault, laws, leastOperations, open };
}

function profileOf({ allocator }: ZooFault): Profile {
  const found = ZOO_ALLOCATORS.find(({ name }) => name === allocator);
  if (found === undefined) throw new Error(`no allocator ${allocator} in the zoo`);
  return found.profile;
}

function fromZoo(file: string, source: ProfileSource, profile: Profile): SubjectDefinition {
  return fromModule(file, source === 'pinned' ? { profile } : {});
}

function fromModule(file: string, options: ModuleOptions): SubjectDefinition {
  return subjectFromModule(readFileSync(join(ZOO_DIRECTORY, file)), { ...options, name: file });
}

/** Our own systems have subjects of their own: their counters and `reset` are part of the contract. */
function own(name: string, create: () => Subject): SubjectDefinition {
  return { name, about: '', create };
}

function reclaimingCases(): Case[] {
  return RECLAIMING_FAULTS.map(({ fault, laws, trace }) => ({
    allocator: 'reclaiming',
    fault,
    laws,
    leastOperations: trace.length,
    open: () => reclaiming(`faults/reclaiming-${fault}`),
  }));
}

function reclaiming(file: string): SubjectDefinition {
  return own(file, () => new ReclaimingSubject(file, file));
}

/** The pool promises every answer and every counter, so that any fault of it may show as one that is off. */
const EXACT_LAWS = ['agrees-with-the-contract', 'statistics-match-history'] as const;

function poolCase(fault: BumpFault): Case {
  const open = () => pool(bumpFaultModule(fault), fault.face ?? 'lua');
  return {
    allocator: 'lua-bump',
    fault: fault.fault,
    laws: [fault.law, ...(fault.others ?? []), ...EXACT_LAWS],
    leastOperations: fault.trace.length,
    open,
  };
}

function pool(file: string, face: PoolFace): SubjectDefinition {
  const module = builtModule(file);
  return own(file, () => new LuaPoolSubject(file, module, face));
}

/** Past 64 live blocks the next begins too early: 65 operations. */
const CANARY: Case = {
  allocator: 'canary',
  fault: 'sixty-fifth-overlaps',
  laws: ['regions-never-overlap'],
  leastOperations: 65,
  open: () => own('canary', () => new CanarySubject()),
};

function soundCases(source: ProfileSource): Case[] {
  const zoo = ZOO_ALLOCATORS.map(({ name, profile }) => sound(name, () => fromZoo(`${name}.wasm`, source, profile)));
  const odd = SOUND_MODULES.map(({ name, profile }) =>
    sound(`sound-${name}`, () => fromZoo(`sound-${name}.wasm`, source, profile)),
  );
  const faces: readonly PoolFace[] = ['lua', 'c', 'lua_alloc'];
  const pools = faces.map((face) => sound(`lua-bump through ${face}`, () => pool('lua-bump', face)));
  return [
    ...zoo,
    ...odd,
    ...(source === 'probed' ? [...ABI_MODULES.map(abiCase), ...STRANGERS.map(strangerCase)] : []),
    sound('reclaiming', () => reclaiming('reclaiming-safe')),
    ...pools,
  ];
}

/** Our own modules as somebody else's: what is known of them is what they show, face by face. */
const STRANGERS = [
  ['lua-bump', 'malloc'],
  ['lua-bump', 'lua_malloc'],
  ['lua-bump', 'lua_alloc'],
  ['lua-reclaiming', 'malloc'],
  ['lua-reclaiming', 'lua_alloc'],
] as const;

function strangerCase([name, face]: (typeof STRANGERS)[number]): Case {
  return sound(`${name}.wasm:${face}`, () => fromModule(`../${name}.wasm`, { face }));
}

function abiCase({ name, map }: AbiModule): Case {
  return sound(`abi-${name}`, () => fromModule(`abi-${name}.wasm`, map === undefined ? {} : { map }));
}

function sound(allocator: string, open: () => SubjectDefinition): Case {
  return { allocator, laws: [], open };
}
