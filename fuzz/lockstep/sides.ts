/** The two sides that walk in step, and where they are: what every judge looks at. */
import { Contents } from '../model/contents.ts';
import { HeapModel } from '../model/heap-model.ts';
import type { Predictor } from '../model/predictor.ts';
import { predictorFor } from '../model/predictors.ts';
import type { Profile } from '../model/profile.ts';
import { type Outcome, ShapeMap, shapeOf } from '../model/shape.ts';
import type { Subject } from '../subjects/subject.ts';
import { Progress } from './progress.ts';
import { Pulse } from './pulse.ts';
import { WatchedSubject } from './watched-subject.ts';

export class Sides {
  readonly subject: Subject;
  /** The same subject, for every call that its operations make. */
  readonly watched: WatchedSubject;
  readonly profile: Profile;
  readonly model: HeapModel;
  readonly contents: Contents;
  readonly predictor: Predictor | undefined;
  readonly progress: Progress = new Progress();
  readonly pulse = new Pulse();
  /** What was seen over all runs so far. */
  readonly shapes = new ShapeMap();

  constructor(subject: Subject) {
    this.subject = subject;
    this.watched = new WatchedSubject(subject);
    this.profile = subject.profile;
    this.model = new HeapModel(subject.profile);
    this.contents = new Contents(subject.memory, subject.memoryBytes?.bind(subject));
    this.predictor = predictorFor(subject.profile);
  }

  /** Notes how an operation with `code`, for `sizeBytes` bytes, ended. */
  see(code: number, sizeBytes: number, outcome: Outcome): void {
    this.shapes.see(shapeOf(code, sizeBytes, outcome, this.model.live.length));
  }
}
