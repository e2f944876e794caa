/**
 * The package's front door, `import { fuzzModule } from 'heaplaw'`: for people who want this in a test file of their own.
 * The memory interface and the host allocators are `heaplaw/memory`.
 */
export { LAW_IDS, LAWS, type LawId } from './laws.ts';
export {
  defineSubject,
  type OwnAllocator,
  type OwnSubject,
  type Promises,
} from './library/define-subject.ts';
export type { FuzzFinding } from './library/finding-report.ts';
export {
  type FuzzFigures,
  type FuzzModuleOptions,
  type FuzzOptions,
  type FuzzReport,
  fuzzModule,
  type ModuleReport,
} from './library/fuzz-module.ts';
export { replay } from './library/replay.ts';
export type { SubjectSource } from './library/subject-source.ts';
export type { ExactContract, Profile, ZeroMalloc, ZeroRealloc } from './model/profile.ts';
export { FuelExhausted, type Statistics, type Subject, type SubjectDefinition } from './subjects/subject.ts';
export type { ModuleOptions } from './subjects/wasm-module.ts';
export type { Operation, OperationKind } from './trace/operation.ts';
export { formatTrace, parseTrace, type TraceFile, type TraceHeader, TraceSyntaxError } from './trace/text.ts';
export { operationsOf, type Trace, traceOf } from './trace/trace.ts';
