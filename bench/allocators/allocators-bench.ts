/** The reclaiming allocator beside dlmalloc, Zig's own allocator and the bump allocator: speed and footprint. */
import type { Bench, BenchResult, Figure, Row, Target } from '../bench.ts';
import { interleave, type Variant } from '../interleave.ts';
import { pairVariant, traceVariant } from './compiled-trace.ts';
import { footprint } from './footprint.ts';
import { freshPeers, type Peer } from './peers.ts';
import { type Workload, workloads } from './workload.ts';

/** More than the default: the peers are close to each other. */
const ROUNDS = 31;
const PAIR_SIZES = [16, 200, 5000];

export const allocatorsBench: Bench = {
  about: 'allocators: malloc and free, reclaiming beside its peers',
  run: () => [speed(), footprints()],
};

function speed(): BenchResult {
  const rows = [
    ...PAIR_SIZES.map((size) => row(`malloc and free of ${size} bytes`, (peer) => pairVariant(peer, size))),
    ...workloads().map((workload) => row(workload.name, (peer) => traceVariant(peer, workload))),
  ];
  return { title: 'Speed', rows, targets: rows.map(atLeastDlmalloc) };
}

function row(work: string, variant: (peer: Peer) => Variant): Row {
  return { work, timings: interleave(freshPeers().map(variant), ROUNDS) };
}

const atLeastDlmalloc = (measuredRow: Row): Target => ({
  claim: `${measuredRow.work}: reclaiming against dlmalloc`,
  row: measuredRow,
  slow: 'dlmalloc',
  fast: 'reclaiming',
  atLeast: 1,
});

/** The bump allocator has a fixed pool, so it has no footprint to compare. */
function footprints(): BenchResult {
  return { title: 'Footprint over peak live bytes', rows: [], targets: [], figures: workloads().map(footprintFigure) };
}

function footprintFigure(workload: Workload): Figure {
  const peers = freshPeers().filter(({ name }) => name !== 'bump');
  return {
    measure: workload.name,
    values: peers.map((peer) => ({ name: peer.name, value: footprint(peer, workload) })),
    limit: { name: 'reclaiming', peer: 'dlmalloc', atMost: 1.1 },
  };
}
