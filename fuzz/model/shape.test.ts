import { describe, expect, it } from 'vitest';
import { OUTCOME, OUTCOMES_LENGTH, outcomeIndex, SHAPES, ShapeMap, shapeOf } from './shape.ts';

describe('the shape of an operation', () => {
  it('tells apart the operation, the size class, the outcome and the crowd', () => {
    const shapes = [
      shapeOf(0, 16, OUTCOME.fresh, 0),
      shapeOf(1, 16, OUTCOME.fresh, 0),
      shapeOf(0, 32, OUTCOME.fresh, 0),
      shapeOf(0, 16, OUTCOME.refused, 0),
      shapeOf(0, 16, OUTCOME.fresh, 100),
    ];
    expect(new Set(shapes).size).toBe(shapes.length);
  });

  it('is the same for sizes between two powers of two', () => {
    expect(shapeOf(0, 17, OUTCOME.fresh, 0)).toBe(shapeOf(0, 31, OUTCOME.fresh, 0));
  });

  it('is one of SHAPES at its extremes', () => {
    expect(shapeOf(31, 2 ** 32 - 1, OUTCOME.done, 2 ** 20)).toBeLessThan(SHAPES);
    expect(shapeOf(0, 0, OUTCOME.refused, 0)).toBe(0);
    expect(outcomeIndex(31, 7)).toBe(OUTCOMES_LENGTH - 1);
  });
});

describe('a map of shapes', () => {
  it('counts each shape once and each outcome every time', () => {
    const map = new ShapeMap();
    const shape = shapeOf(2, 40, OUTCOME.moved, 3);
    map.see(shape);
    map.see(shape);
    expect(map.count).toBe(1);
    expect(map.outcomes[outcomeIndex(2, OUTCOME.moved)]).toBe(2);
  });

  it('takes in the shapes of others once', () => {
    const map = new ShapeMap();
    expect([map.add(5), map.add(5), map.count]).toEqual([true, false, 1]);
  });

  it('gives shapes in the order of first sight, and forgets the latest', () => {
    const map = new ShapeMap();
    for (const shape of [9, 3, 7]) map.add(shape);
    expect(map.since(1)).toEqual([3, 7]);
    map.rewind(1);
    expect([map.count, map.since(0), map.add(3)]).toEqual([1, [9], true]);
  });
});
