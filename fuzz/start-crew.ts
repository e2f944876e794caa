/** Starts the worker threads of a campaign, from TypeScript sources and from a build alike. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { ThreadCrew } from './engine/thread-crew.ts';

/** A crew of `workers` threads; one that gets no answer for `timeoutSeconds` hangs. */
export function startCrew(workers: number, timeoutSeconds: number): ThreadCrew {
  const module = new URL(fromSources(import.meta.url) ? './worker.ts' : './worker.js', import.meta.url);
  return new ThreadCrew({ workers, timeoutSeconds, program: programFor(module) });
}

/** What a thread begins with to run `module`. Threads do not inherit the loader that runs this process. */
export function programFor(module: URL): string {
  if (!fromSources(module.href)) return `import('${module}')`;
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const loader = new URL('dist/esm/api/index.mjs', tsx);
  return `import('${loader}').then(({ register }) => { register(); return import('${module}'); })`;
}

function fromSources(url: string): boolean {
  return url.endsWith('.ts');
}
