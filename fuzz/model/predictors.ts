/** The predictors by the name of the contract they know. */
import { HostBumpPredictor } from './predict-host-bump.ts';
import { HostStackPredictor } from './predict-host-stack.ts';
import { PoolBumpPredictor } from './predict-pool-bump.ts';
import type { Predictor } from './predictor.ts';
import type { Profile } from './profile.ts';

/** The predictor that `profile` asks for; undefined when it promises no exact answers. */
export function predictorFor(profile: Profile): Predictor | undefined {
  switch (profile.exact) {
    case 'host-bump':
      return new HostBumpPredictor(profile.arenaStart, profile.arenaEnd);
    case 'host-stack':
      return new HostStackPredictor(profile.arenaStart, profile.arenaEnd);
    case 'pool-bump':
      return new PoolBumpPredictor(profile.arenaStart, profile.arenaEnd);
    default:
      return undefined;
  }
}
