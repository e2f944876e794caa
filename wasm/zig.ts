/** The Zig compiler that npm installed: where it is, which version, how it is run. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** Caches of Zig and of this build, inside node_modules so that removing it removes them too. */
export const CACHE_DIRECTORY = join(import.meta.dirname, '../node_modules/.cache/heaplaw');

/** Root of an installed npm package. */
export const packageDirectory = (name: string): string => dirname(require.resolve(`${name}/package.json`));

/** Version of an installed npm package. */
export function packageVersion(name: string): string {
  const manifest: { version: string } = require(`${name}/package.json`);
  return manifest.version;
}

/** The compiler's executable. Throws one clear line where npm has none for this platform. */
export function zigExecutable(): string {
  const platform = `${process.platform}-${process.arch}`;
  const executable = process.platform === 'win32' ? 'zig.exe' : 'zig';
  try {
    return require.resolve(`@zigc/${platform}/bin/${executable}`);
  } catch {
    throw new Error(
      `no Zig for ${platform}: the npm package @zigc/${platform} is not installed. Run "npm ci" without --omit=optional; ` +
        'if npm has no such package, build on linux, darwin or win32 (x64 or arm64) and copy wasm/dist here.',
    );
  }
}

/** Runs `zig` with these arguments and resolves when it succeeds; rejects with what it printed. */
export async function runZig(zigArguments: readonly string[]): Promise<void> {
  const child = spawn(zigExecutable(), zigArguments, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      ZIG_GLOBAL_CACHE_DIR: join(CACHE_DIRECTORY, 'zig-global'),
      ZIG_LOCAL_CACHE_DIR: join(CACHE_DIRECTORY, 'zig-local'),
      NO_COLOR: '1',
    },
  });
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (exitCode !== 0)
    throw new Error(`zig ${zigArguments.slice(0, 3).join(' ')} ... failed (${exitCode}):\n${printed}`);
}
