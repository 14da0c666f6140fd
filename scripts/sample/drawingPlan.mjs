// @ts-check
// Which drawing goes where. Training and validation never share a hand: three sets of drawings teach, a fourth one asks.
// Half of the validation things are never shown in training at all, so the result speaks of the kind, not of the thing.

import { thingsByClass } from './things.mjs';

export const trainingSetIds = ['noto', 'fluent-emoji-flat', 'openmoji'];
export const validationSetId = 'twemoji';

const trainingThingCount = 18;
const validationStart = 12;

/**
 * @typedef {object} PlannedPicture
 * @property {'train' | 'valid'} split
 * @property {string} className
 * @property {string} setId
 * @property {string} thing
 */

/** @returns {PlannedPicture[]} in a fixed order */
export function planDrawings() {
  return Object.entries(thingsByClass).flatMap(([className, things]) => [
    ...things.slice(0, trainingThingCount).flatMap((thing, place) =>
      // Each thing in two of the three hands, in turn: more things in the same number of pictures.
      trainingSetIds
        .filter((_, hand) => hand !== place % trainingSetIds.length)
        .map((setId) => ({ split: /** @type {const} */ ('train'), className, setId, thing })),
    ),
    ...things
      .slice(validationStart)
      .map((thing) => ({ split: /** @type {const} */ ('valid'), className, setId: validationSetId, thing })),
  ]);
}
