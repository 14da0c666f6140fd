// Which pictures to show: those the network was most right, most wrong and most unsure about (LESSON section 9.1), and a few
// at random. Every function gives indices of items in the order in which they are shown.

import { argmaxOfRow } from '../metrics/accuracy.ts';
import type { Random } from '../random.ts';

/** The lesson shows four. */
const GALLERY_SIZE = 4;

export interface JudgedItems {
  /** [item, class] of classes that exclude each other. */
  readonly probabilities: Float32Array;
  /** True class of each item. */
  readonly labels: Int32Array;
}

/** Items of the class that were recognised, the surest first. */
export function findMostCorrect(items: JudgedItems, classIndex: number, count = GALLERY_SIZE): number[] {
  const recognised = itemsOfClass(items, classIndex).filter((item) => isCorrect(items, item));
  return takeLowest(recognised, (item) => -probabilityOfTruth(items, item), count);
}

/** Items of the class that were taken for another: those first that were given the least probability of being of it. */
export function findMostIncorrect(items: JudgedItems, classIndex: number, count = GALLERY_SIZE): number[] {
  const mistaken = itemsOfClass(items, classIndex).filter((item) => !isCorrect(items, item));
  return takeLowest(mistaken, (item) => probabilityOfTruth(items, item), count);
}

/**
 * Items of the class, right and wrong together, whose probability of being of it is nearest to 1 / class count. For all
 * classes (null) each item is seen by its own; with two classes that is the lesson's |p(dog) - 0.5|.
 */
export function findMostUncertain(items: JudgedItems, classIndex: number | null, count = GALLERY_SIZE): number[] {
  const evenProbability = 1 / classCountOf(items);
  const candidates = classIndex === null ? [...items.labels.keys()] : itemsOfClass(items, classIndex);
  return takeLowest(candidates, (item) => Math.abs(probabilityOfTruth(items, item) - evenProbability), count);
}

/** Random items that were recognised, none of them twice. */
export function drawCorrect(items: JudgedItems, random: Random, count = GALLERY_SIZE): number[] {
  const recognised = [...items.labels.keys()].filter((item) => isCorrect(items, item));
  return random.shuffle(recognised).slice(0, count);
}

/** Random items that were taken for another class, none of them twice. */
export function drawIncorrect(items: JudgedItems, random: Random, count = GALLERY_SIZE): number[] {
  const mistaken = [...items.labels.keys()].filter((item) => !isCorrect(items, item));
  return random.shuffle(mistaken).slice(0, count);
}

function itemsOfClass({ labels }: JudgedItems, classIndex: number): number[] {
  return [...labels.keys()].filter((item) => labels[item] === classIndex);
}

function isCorrect(items: JudgedItems, item: number): boolean {
  return argmaxOfRow(items.probabilities, item, classCountOf(items)) === items.labels[item];
}

function probabilityOfTruth(items: JudgedItems, item: number): number {
  return items.probabilities[item * classCountOf(items) + (items.labels[item] as number)] as number;
}

function classCountOf({ probabilities, labels }: JudgedItems): number {
  return probabilities.length / labels.length;
}

/** Of equal values, the first item first. */
function takeLowest(items: readonly number[], measure: (item: number) => number, count: number): number[] {
  return [...items].sort((a, b) => measure(a) - measure(b)).slice(0, count);
}
