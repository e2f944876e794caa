/** What the command line's flags for modules mean. */
import { readFileSync } from 'node:fs';
import type { Profile } from './model/profile.ts';
import { readProfile } from './model/read-profile.ts';
import type { ModuleFlags } from './options.ts';
import type { ModuleOptions } from './subjects/wasm-module.ts';
import { UsageError } from './usage-error.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** The flags as options of a module. Throws UsageError. */
export function moduleOptionsOf(flags: ModuleFlags): ModuleOptions {
  const options: Record<string, unknown> = {};
  if (flags.abi !== undefined) options['abi'] = flags.abi;
  if (flags.map !== undefined) options['map'] = readMap(flags.map);
  if (flags.profile !== undefined) options['profile'] = profileIn(flags.profile);
  if (flags.memoryCap !== undefined) options['memoryCapBytes'] = readSize(flags.memoryCap);
  if (flags.alignment !== undefined) options['alignmentBytes'] = flags.alignment;
  return options as ModuleOptions;
}

/** The flags that say what a module is, as they must be given to understand it in the same way again. */
export function textOfFlags({ abi, map, profile, memoryCap, alignment }: ModuleFlags): string {
  const words = { abi, map, profile, 'memory-cap': memoryCap, alignment };
  return Object.entries(words)
    .flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag} ${value}`]))
    .join(' ');
}

/** `malloc=f,free=g` */
function readMap(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').map((pair) => pair.split('='));
  if (pairs.every((pair) => pair.length === 2 && pair.every((side) => side !== ''))) return Object.fromEntries(pairs);
  throw new UsageError(`--map ${text}: expected pairs such as malloc=f,free=g`);
}

/** Bytes, as a number or with K, M or G behind it. */
function readSize(text: string): number {
  const [, digits, unit = ''] = /^(\d+)([KMG]?)$/.exec(text) ?? [];
  if (digits !== undefined) return Number(digits) * (UNITS[unit] ?? 1);
  throw new UsageError(`--memory-cap ${text}: expected bytes such as 67108864 or 64M`);
}

function profileIn(path: string): Profile {
  try {
    return readProfile(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--profile ${path}: ${reason}; expected JSON as --save-profile writes it`);
  }
}
