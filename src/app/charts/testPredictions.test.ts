import { describe, expect, it } from 'vitest';
import type { EventOf } from '../../protocol/events.ts';
import { countSaid, describeTestPicture, findSample, readTestPictures, tagThresholdsOf } from './testPredictions.ts';

const event: EventOf<'testPredicted'> = {
  type: 'testPredicted',
  stepId: 'predictTest',
  label: 'Plain',
  classes: ['cat', 'dog', 'emu'],
  pictureIds: [7, 9],
  probabilities: [0.2, 0.7, 0.1, 0.35, 0.3, 0.35],
  lostPictureIds: [],
  atMs: 0,
};

describe('test pictures', () => {
  it('are said to be the most probable class, the first of equal ones', () => {
    const pictures = readTestPictures(event, null);
    expect(pictures).toEqual([
      { pictureId: 7, said: [{ classIndex: 1, probability: 0.7 }], sureness: 0.7 },
      { pictureId: 9, said: [{ classIndex: 0, probability: 0.35 }], sureness: 0.35 },
    ]);
    expect(countSaid(pictures, 3)).toEqual([1, 1, 0]);
  });

  it('have every tag above its threshold, and are as sure as their least clear one', () => {
    const pictures = readTestPictures(event, [0.1, 0.9, 0.35]);
    expect(pictures.map(({ said }) => said.map(({ classIndex }) => classIndex))).toEqual([[0], [0]]);
    expect(pictures[0]?.sureness).toBeCloseTo(0.1, 10);
    expect(pictures[1]?.sureness).toBe(0);
    expect(countSaid(pictures, 3)).toEqual([2, 0, 0]);
  });

  it.each([
    ['no folder says anything of any picture', undefined, ['dog 70\u00a0%']],
    ['its folder agrees', [1], ['dog 70\u00a0%', 'right']],
    ['its folder does not', [2], ['dog 70\u00a0%', 'lies in emu']],
    ['only other pictures lie in class folders', null, ['dog 70\u00a0%', '']],
  ])('are put in words where %s', (_, truth, lines) => {
    const [picture] = readTestPictures(event, null);
    expect(picture && describeTestPicture(picture, event.classes, truth)).toEqual(lines);
  });

  it('take the lesson’s threshold where nothing was judged', () => {
    expect(tagThresholdsOf(undefined)).toEqual({ one: 0.2, own: null });
  });
});

it.each([
  ['sample_submission.csv', true],
  ['data/Sample-Submission_v2.csv', true],
  ['sampleSubmission.csv', true],
  ['labels.csv', false],
  ['samples/labels.csv', false],
  ['sample_submission.csv.zip', false],
])('%s is a sample of a submission: %s', (path, isSample) => {
  expect(findSample(['train/a.png', path])).toBe(isSample ? path : null);
});
