/** Starts the worker threads of a campaign, from TypeScript sources and from a build alike. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { ThreadCrew } from './engine/thread-crew.ts';

/** A crew of `workers` threads; a trace that takes longer than `timeoutSeconds` is a hang. */
export function startCrew(workers: number, timeoutSeconds: number): ThreadCrew {
  const fromSources = import.meta.url.endsWith('.ts');
  const module = new URL(fromSources ? './worker.ts' : './worker.js', import.meta.url);
  return new ThreadCrew({ workers, timeoutSeconds, program: fromSources ? loading(module) : `import('${module}')` });
}

/** Threads do not inherit the loader that runs this process. */
function loading(module: URL): string {
  const loader = new URL(
    'dist/esm/api/index.mjs',
    pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json')),
  );
  return `import('${loader}').then(({ register }) => { register(); return import('${module}'); })`;
}
