import { expect, test } from 'vitest';
import { planDrawings, trainingSetIds, validationSetId } from './drawingPlan.mjs';
import { drawThing, readDrawingSet } from './drawingSets.mjs';
import { thingsByClass } from './things.mjs';

const plan = planDrawings();

test('every class has 36 drawings to learn from and 12 to be asked about', () => {
  const classes = Object.keys(thingsByClass);
  expect(classes).toHaveLength(8);
  for (const className of classes) {
    const ofClass = plan.filter((picture) => picture.className === className);
    expect(ofClass.filter((picture) => picture.split === 'train')).toHaveLength(36);
    expect(ofClass.filter((picture) => picture.split === 'valid')).toHaveLength(12);
  }
});

test('the hand that draws the validation pictures draws no training picture', () => {
  const handsOf = (split: string) =>
    new Set(plan.filter((picture) => picture.split === split).map(({ setId }) => setId));
  expect(handsOf('train')).toEqual(new Set(trainingSetIds));
  expect(handsOf('valid')).toEqual(new Set([validationSetId]));
});

test('no thing stands in two classes or twice in one', () => {
  const things = Object.values(thingsByClass).flat();
  expect(new Set(things).size).toBe(things.length);
});

test('every planned drawing is in its set', () => {
  const sets = new Map([...trainingSetIds, validationSetId].map((id) => [id, readDrawingSet(id)]));
  const missing = plan.filter(({ setId, thing }) => {
    const data = sets.get(setId)?.data;
    return data?.icons[thing] === undefined && data?.aliases?.[thing] === undefined;
  });
  expect(missing).toEqual([]);
});

test('a drawing comes out as a PNG of the size asked for, on white', () => {
  const png = drawThing(readDrawingSet('noto'), 'soccer-ball', 40, 0.1);
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  expect([...png.subarray(1, 4)]).toEqual([...'PNG'].map((letter) => letter.charCodeAt(0)));
  expect([view.getUint32(16), view.getUint32(20)]).toEqual([40, 40]);
});

test('a thing that a set does not draw is named in the error', () => {
  expect(() => drawThing(readDrawingSet('noto'), 'no-such-thing', 40, 0)).toThrow(
    /noto has no drawing named no-such-thing/,
  );
});
