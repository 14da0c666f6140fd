// All galleries of a result at once, as picture ids: what the page shows, picked here so that it need not rank.

import type { Galleries } from '../../protocol/training.ts';
import { itemLogLosses } from '../metrics/logLoss.ts';
import type { Random } from '../random.ts';
import {
  drawCorrect,
  drawIncorrect,
  findMostCorrect,
  findMostIncorrect,
  findMostUncertain,
  type JudgedItems,
} from './galleries.ts';
import { topLosses } from './topLosses.ts';

/** A row or two of a grid; the lesson shows four. */
const SHOWN = 8;

export interface JudgedPictures extends JudgedItems {
  /** Id of each picture. */
  readonly pictureIds: readonly number[];
}

export function pickGalleries(pictures: JudgedPictures, random: Random): Galleries {
  const { probabilities, labels } = pictures;
  const idOf = (item: number) => pictures.pictureIds[item] as number;
  const classIndices = Array.from({ length: probabilities.length / labels.length }, (_, index) => index);
  return {
    classes: classIndices.map((classIndex) => ({
      mostCorrect: findMostCorrect(pictures, classIndex, SHOWN).map(idOf),
      mostIncorrect: findMostIncorrect(pictures, classIndex, SHOWN).map(idOf),
      mostUncertain: findMostUncertain(pictures, classIndex, SHOWN).map(idOf),
    })),
    topLosses: topLosses(itemLogLosses(probabilities, labels), SHOWN).map(({ item, loss }) => ({
      pictureId: idOf(item),
      loss,
    })),
    mostUncertain: findMostUncertain(pictures, null, SHOWN).map(idOf),
    randomCorrect: drawCorrect(pictures, random, SHOWN).map(idOf),
    randomIncorrect: drawIncorrect(pictures, random, SHOWN).map(idOf),
  };
}
