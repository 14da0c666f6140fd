import { describe, expect, it } from 'vitest';
import { tagRun, tagsJudged } from '../testing/tagRun.ts';
import { countTagsPerPicture, meanTagCount } from './datasetQueries.ts';
import { toTagPicture } from './tagPicture.ts';
import {
  countTagMistakes,
  mostOften,
  orderTags,
  picturesWithTag,
  queryTagGalleries,
  selectTagPictures,
  shownTags,
  sortTags,
  type TagSelection,
} from './tagQueries.ts';

const [haze, river, road] = [0, 1, 2];
const idsOf = (selection: TagSelection) => selectTagPictures(tagsJudged, selection).map(({ pictureId }) => pictureId);

describe('a result of tags', () => {
  it('says of each picture which tags were right, missed and added', () => {
    const [first, second] = tagsJudged.predictions;
    expect(first && sortTags(first)).toEqual({ right: [river], missed: [haze], added: [] });
    expect(second && sortTags(second)).toEqual({ right: [river], missed: [], added: [road] });
  });

  it('counts of each tag how often it was missed and added', () => {
    const mistakes = countTagMistakes(tagsJudged);
    expect(mistakes.map(({ missedCount, addedCount }) => [missedCount, addedCount])).toEqual([
      [1, 0],
      [0, 0],
      [0, 2],
      [0, 0],
    ]);
    expect(mostOften(mistakes, 'missed')).toEqual([{ tagIndex: haze, count: 1 }]);
    expect(mostOften(mistakes, 'added')).toEqual([{ tagIndex: road, count: 2 }]);
  });

  it('draws of many tags those with the most mistakes, in their own order', () => {
    const mistakes = countTagMistakes(tagsJudged);
    expect(shownTags(mistakes, 2)).toEqual([haze, road]);
    expect(shownTags(mistakes)).toEqual([0, 1, 2, 3]);
  });

  it('has behind every cell as many pictures as its number says', () => {
    for (const [trueTag, row] of tagsJudged.cooccurrences.entries()) {
      for (const [givenTag, count] of row.entries()) {
        expect(idsOf({ kind: 'pair', trueTag, givenTag })).toHaveLength(count);
      }
    }
  });

  it('shows pictures first that were given a tag they lack', () => {
    // Picture 5 is given the road it has, and more surely than picture 4, which has none.
    expect(idsOf({ kind: 'pair', trueTag: river, givenTag: road })).toEqual([4, 5]);
  });

  it('shows the surest mistake of a tag first', () => {
    expect(idsOf({ kind: 'added', tagIndex: road })).toEqual([6, 4]);
    expect(idsOf({ kind: 'missed', tagIndex: haze })).toEqual([3]);
    expect(idsOf({ kind: 'right', tagIndex: river })).toEqual([5, 3, 4]);
  });

  it('takes the share of a row from the pictures with its tag', () => {
    const supports = picturesWithTag(tagsJudged);
    expect(supports).toEqual([1, 3, 1, 0]);
    tagsJudged.cooccurrences.forEach((row, tag) => {
      expect(Math.max(...row)).toBeLessThanOrEqual(supports[tag] ?? 0);
    });
  });

  it('lists tags by name, the most pictures first, or the lowest F2 first with those that cannot be judged last', () => {
    const namesBy = (order: Parameters<typeof orderTags>[1]) =>
      orderTags(tagsJudged.reports, order).map(({ tagIndex }) => tagsJudged.classes[tagIndex]);
    expect(namesBy('name')).toEqual(['haze', 'river', 'road', 'snow']);
    expect(namesBy('count')).toEqual(['river', 'haze', 'road', 'snow']);
    expect(namesBy('f2')).toEqual(['river', 'road', 'haze', 'snow']);
  });
});

describe('the galleries of tags', () => {
  const idsIn = (tagIndex: number | null) =>
    queryTagGalleries(tagsJudged, tagIndex).map(({ pictures }) => pictures.map(({ pictureId }) => pictureId));

  it('show of all tags the dearest pictures, and those with every tag right', () => {
    expect(idsIn(null)).toEqual([[3, 6, 4, 5], [5]]);
  });

  it('show of one tag where it was missed, where it was added wrongly, and where it was surest right', () => {
    expect(idsIn(road)).toEqual([[], [6, 4], [5]]);
    expect(idsIn(haze)).toEqual([[3], [], []]);
  });

  it('name the tags under a picture with what they were given', () => {
    const [, second] = tagsJudged.predictions;
    const picture = second && toTagPicture(second, tagsJudged.classes, tagRun.dataset, ['loss 0.40']);
    expect(picture).toEqual({
      id: 4,
      path: 'valid/4.jpg',
      captions: ['loss 0.40', 'right: river 70\u00a0%', 'missed: –', 'added: road 30\u00a0%'],
    });
  });
});

describe('tags of a data set', () => {
  it('are counted picture by picture, none included and test pictures left out', () => {
    expect(countTagsPerPicture(tagRun.dataset.pictures)).toEqual([1, 2, 4]);
    expect(meanTagCount(tagRun.dataset.pictures)).toBeCloseTo(10 / 7);
    expect([countTagsPerPicture([]), meanTagCount([])]).toEqual([[], 0]);
  });
});
