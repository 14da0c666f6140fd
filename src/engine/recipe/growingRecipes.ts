// The lesson's two recipes whose pictures grow (progressive resizing), made of its other steps: dog breeds from 224 to 299 px, and
// satellite pictures from 64 to 128 to 256 px (LESSON section 10). Each step has an id of its own where its words or numbers differ.

import type { OptionSpec, RecipeStep, SettingValue } from '../../protocol/recipe.ts';

export interface LessonSteps {
  readonly prepare: RecipeStep;
  readonly choose: RecipeStep;
  readonly findHeadRate: RecipeStep;
  readonly findNetworkRate: RecipeStep;
  readonly trainHead: RecipeStep;
  readonly trainHeadOnPictures: RecipeStep;
  readonly unfreeze: RecipeStep;
  readonly setRates: RecipeStep;
  readonly trainEverything: RecipeStep;
  readonly lookAgain: RecipeStep;
  readonly predictTest: RecipeStep;
}

/** The same options with other defaults. */
function withDefaults(
  options: readonly OptionSpec[],
  defaults: Readonly<Record<string, SettingValue>>,
): readonly OptionSpec[] {
  // A default is of the kind that its option has: steps.test.ts puts every step through its own check.
  return options.map((option) =>
    option.id in defaults ? ({ ...option, default: defaults[option.id] } as OptionSpec) : option,
  );
}

interface Growth extends Pick<RecipeStep, 'id' | 'title' | 'needs' | 'lookFor'> {
  readonly sizePx: number;
}

/** The step that sets another size. Its number comes with its place in the recipe. */
function grow({ choose }: LessonSteps, { sizePx, ...step }: Growth): RecipeStep {
  const size = choose.options.filter(({ id }) => id === 'imageSizePx');
  return {
    ...step,
    number: 0,
    verb: 'changeSize',
    lessonName: `set_data(get_data(${sizePx}))`,
    why: 'To the network larger pictures are new pictures: it has seen none of their detail, so it goes on learning where it would soon know the small ones by heart. All that is trained is carried over, and the network is frozen again.',
    options: withDefaults(size, { imageSizePx: sizePx }).map((option) => ({
      ...option,
      help: 'Side of the square that the network sees from now on. Nothing is trained by this step.',
    })),
  };
}

/** Photographs of what ImageNet has too, labelled by a table: nothing is unfrozen, larger pictures do the rest. */
export function growBreeds(lesson: LessonSteps): readonly RecipeStep[] {
  const { prepare, findHeadRate, trainHead, trainHeadOnPictures, lookAgain, predictTest } = lesson;
  const trainings = [trainHeadOnPictures.id, 'grow', 'augmentLarger'];
  return [
    prepare,
    findHeadRate,
    trainHead,
    trainHeadOnPictures,
    grow(lesson, {
      id: 'grow',
      title: 'Go on with larger pictures',
      sizePx: 299,
      needs: [trainHeadOnPictures.id],
      lookFor: 'The same layers learn as before; only the pictures are larger.',
    }),
    {
      ...trainHeadOnPictures,
      id: 'augmentLarger',
      title: 'Train the new layers on the larger pictures',
      lessonName: 'fit(3, cycle_len=1, cycle_mult=2)',
      why: 'The same layers and the same rate, with more to see in every picture. The network stays frozen: photographs of animals and things are what it was made from, so there is little for it to learn anew.',
      lookFor: 'In the lecture valid loss fell at once by more than half, and stayed below train loss.',
      needs: ['grow'],
      options: withDefaults(trainHeadOnPictures.options, { cycles: 3, cycleLength: 1, cycleMultiplier: 2 }),
    },
    { ...lookAgain, outdatedBy: trainings },
    { ...predictTest, outdatedBy: trainings },
  ];
}

/** From above there is no up, and a zoom loses what lies at the edge. */
const FROM_ABOVE = { augmentation: 'topDown', maxZoom: 1.05 } as const;
const LENGTHENING = { ...FROM_ABOVE, cycles: 3, cycleLength: 1, cycleMultiplier: 2 } as const;

/** Pictures from above, of one class each or with several tags: everything learns, at three sizes. */
export function growSatellite(lesson: LessonSteps): readonly RecipeStep[] {
  const { choose, findNetworkRate, lookAgain, predictTest } = lesson;
  const trainings = [
    'everythingSmall',
    ...['Larger', 'Largest'].flatMap((name) => [`grow${name}`, `newLayers${name}`, `everything${name}`]),
  ];
  return [
    {
      ...choose,
      id: 'chooseSmall',
      lessonName: 'get_data(64)',
      why: 'A network that already knows edges and textures is the start; new layers behind it learn what your pictures show. It begins with small pictures, which go through quickly, and meets larger ones later.',
      lookFor:
        'Photographs from the side would lose too much at so small a size; fields, rivers and roads from above do not.',
      options: withDefaults(choose.options, { imageSizePx: 64 }),
    },
    {
      ...findNetworkRate,
      id: 'findRateSmall',
      title: 'Find a learning rate',
      why: 'Trains the new layers for a moment while the rate grows, and watches the loss; afterwards every weight is put back. All trainings of this recipe take the rate, as in the lesson.',
      lookFor: 'The highest rate where the loss still clearly falls; here it is often larger than for photographs.',
      needs: ['chooseSmall'],
      options: withDefaults(findNetworkRate.options, FROM_ABOVE),
    },
    ...trainSmall(lesson),
    ...trainGrown(lesson, { name: 'Larger', word: 'larger', sizePx: 128, needs: ['everythingSmall'] }),
    ...trainGrown(lesson, { name: 'Largest', word: 'largest', sizePx: 256, needs: ['everythingLarger'] }),
    {
      ...lookAgain,
      id: 'lookAgainFromAbove',
      why: 'What is trained so far looks at each validation picture as it is and a few times turned and mirrored, and the looks are averaged. From above every way round is right, so the looks have much to say to each other.',
      lookFor: 'A few fewer mistakes. Each look takes as long as judging the pictures once.',
      needs: ['newLayersSmall'],
      outdatedBy: trainings,
      options: withDefaults(lookAgain.options, FROM_ABOVE),
    },
    {
      ...predictTest,
      id: 'predictFromAbove',
      needs: ['newLayersSmall'],
      outdatedBy: trainings,
      options: withDefaults(predictTest.options, FROM_ABOVE),
    },
  ];
}

/** The first size: the new layers, then all of it with the lesson's shares for pictures unlike ImageNet's. */
function trainSmall({ trainHeadOnPictures, unfreeze, setRates, trainEverything }: LessonSteps): readonly RecipeStep[] {
  return [
    {
      ...trainHeadOnPictures,
      id: 'newLayersSmall',
      title: 'Train the new layers on small pictures',
      lessonName: 'fit(3, cycle_len=1, cycle_mult=2)',
      why: 'The new layers first, while the network behind them holds still. Each epoch turns, mirrors and relights every picture another way, since from above every way round is right.',
      lookFor: 'Both losses fall; restarts show as spikes.',
      needs: ['chooseSmall'],
      options: withDefaults(trainHeadOnPictures.options, LENGTHENING),
    },
    {
      ...unfreeze,
      id: 'unfreezeSmall',
      why: 'The network was made from photographs taken from the side, and yours are none. So all of it has something to learn here, and unfreezing it gains more than anything else in this recipe.',
      needs: ['newLayersSmall'],
    },
    {
      ...setRates,
      id: 'ratesFromAbove',
      why: 'Early layers see edges and colours, which your pictures share with all others, so they should change less than the late ones. But these pictures are far from those the network was made from: the early layers learn at a ninth of the rate, the later ones at a third.',
      needs: ['unfreezeSmall'],
      options: withDefaults(setRates.options, { laterDivisor: 3, earlyDivisor: 3 }),
    },
    {
      ...trainEverything,
      id: 'everythingSmall',
      title: 'Train everything on small pictures',
      why: 'Three cycles, each twice as long as the one before, with every layer learning at its share of the rate.',
      needs: ['ratesFromAbove'],
      options: withDefaults(trainEverything.options, LENGTHENING),
    },
  ];
}

interface GrownStage extends Pick<RecipeStep, 'needs'> {
  /** Ends the ids of its steps. */
  readonly name: string;
  readonly word: string;
  readonly sizePx: number;
}

/** Another size: the new layers again, then all of it, at the rate and the shares of before. */
function trainGrown(lesson: LessonSteps, { name, word, sizePx, needs }: GrownStage): readonly RecipeStep[] {
  const { trainHeadOnPictures, unfreeze, trainEverything } = lesson;
  return [
    grow(lesson, {
      id: `grow${name}`,
      title: `Go on with ${word === 'largest' ? 'the largest' : word} pictures`,
      sizePx,
      needs,
      lookFor: 'Only the new layers learn again, as at the start; the shares of the rate stay.',
    }),
    {
      ...trainHeadOnPictures,
      id: `newLayers${name}`,
      title: `Train the new layers on the ${word} pictures`,
      lessonName: 'fit(3, cycle_len=1, cycle_mult=2)',
      why: 'The new layers settle on what these pictures show, while the network behind them holds still. They go on from what the smaller pictures taught them.',
      lookFor: 'Valid loss begins near where the smaller pictures ended, and falls on.',
      needs: [`grow${name}`],
      options: withDefaults(trainHeadOnPictures.options, LENGTHENING),
    },
    {
      ...unfreeze,
      id: `unfreeze${name}`,
      title: 'Unfreeze the network again',
      why: 'Going on with larger pictures froze the network. Unfrozen again, it may adapt to the detail that it could not see before; it takes longer and more memory.',
      needs: [`newLayers${name}`],
    },
    {
      ...trainEverything,
      id: `everything${name}`,
      title: `Train everything on the ${word} pictures`,
      why: 'Three lengthening cycles once more, with every layer learning at the share of the rate that you gave it.',
      needs: [`unfreeze${name}`],
      options: withDefaults(trainEverything.options, LENGTHENING),
    },
  ];
}
