// The steps of the lesson as data: words, settings with the lesson's defaults, what each needs. The page draws what is here.

import type { OptionSpec, Recipe, RecipeStep } from '../../protocol/recipe.ts';
import { AUGMENTATION_OPTIONS, LOOK_OPTIONS } from './augmentationSettings.ts';
import { KEPT_WEIGHTS_OPTIONS } from './averagingSettings.ts';
import { BALANCE_OPTION } from './balanceSettings.ts';
import { growBreeds, growSatellite, type LessonSteps } from './growingRecipes.ts';
import { scheduleOptions } from './scheduleSettings.ts';
import { SQUARE_OPTION } from './squareSettings.ts';
import { TRAINING_UPDATE_OPTIONS, UPDATE_OPTIONS } from './updateSettings.ts';

const BATCH_SIZE: OptionSpec = {
  kind: 'number',
  id: 'batchSize',
  label: 'Batch size',
  help: 'Pictures per training step. Smaller is noisier and may want a smaller rate.',
  default: 64,
  min: 2,
  max: 1024,
  isInteger: true,
  scale: 'linear',
  unit: 'pictures',
};

const START_FROM: OptionSpec = {
  kind: 'choice',
  id: 'startFrom',
  label: 'Start from',
  help: 'New layers are drawn from the seed; what is trained so far goes on from the last run.',
  default: 'newLayers',
  choices: [
    { value: 'newLayers', label: 'new layers' },
    { value: 'trainedLayers', label: 'what is trained so far' },
  ],
};

const LEARNING_RATE: OptionSpec = {
  kind: 'number',
  id: 'learningRate',
  label: 'Learning rate',
  help: 'How far each step moves the weights. Take it from step 2.',
  default: 1e-2,
  min: 1e-7,
  max: 10,
  isInteger: false,
  scale: 'log',
};

/** Steps on pictures go on from what the steps before them trained. */
const GO_ON_FROM: OptionSpec = { ...START_FROM, default: 'trainedLayers' };

const PREPARE: RecipeStep = {
  id: 'prepare',
  number: 1,
  verb: 'prepareFeatures',
  title: 'Prepare pictures and features',
  lessonName: 'precompute=True',
  why: 'Runs every picture once through a network that already knows edges, fur and wings, and keeps what it saw. The next steps then train in seconds, because only the new layers are left to compute.',
  lookFor: 'Features are computed once; later epochs take seconds.',
  needs: [],
  options: [
    {
      kind: 'choice',
      id: 'backbone',
      label: 'Network',
      help: 'The network that looks at the pictures. It was trained on the 1,000 classes of ImageNet.',
      default: 'efficientnet-lite0',
      choices: [],
      choosesNetwork: true,
    },
    {
      kind: 'number',
      id: 'imageSizePx',
      label: 'Picture size',
      help: 'Side of the square that the network sees of each picture. Larger sees more and takes longer.',
      default: 224,
      min: 32,
      max: 512,
      isInteger: true,
      scale: 'linear',
      unit: 'px',
    },
    SQUARE_OPTION,
    {
      ...BATCH_SIZE,
      default: 32,
      help: 'Pictures that go through the network together. It changes speed and memory, not the result.',
    },
  ],
};

const SWEEP: readonly OptionSpec[] = [
  {
    kind: 'number',
    id: 'startRate',
    label: 'Start rate',
    help: 'Where the sweep begins. Small enough that nothing is learnt yet.',
    default: 1e-5,
    min: 1e-8,
    max: 1,
    isInteger: false,
    scale: 'log',
  },
  {
    kind: 'number',
    id: 'endRate',
    label: 'End rate',
    help: 'Where the sweep would end. Large enough that the loss blows up before.',
    default: 10,
    min: 1e-6,
    max: 1000,
    isInteger: false,
    scale: 'log',
  },
  {
    kind: 'number',
    id: 'iterations',
    label: 'Sweep length',
    help: 'Batches from the start rate to the end rate. More gives a smoother curve.',
    default: 100,
    min: 20,
    max: 2000,
    isInteger: true,
    scale: 'linear',
    unit: 'batches',
  },
];

const FIND_RATE: RecipeStep = {
  id: 'findRate',
  number: 2,
  verb: 'findLearningRate',
  title: 'Find a learning rate',
  lessonName: 'lr_find()',
  why: 'Trains for a moment while the rate grows from very small to very large, and watches the loss. The rate decides more than any other setting; afterwards every weight is put back.',
  lookFor: 'The highest rate where the loss still clearly falls, not the bottom.',
  needs: ['prepare'],
  options: [...SWEEP, BATCH_SIZE, ...UPDATE_OPTIONS, START_FROM],
};

const TRAIN_HEAD: RecipeStep = {
  id: 'trainHead',
  number: 3,
  verb: 'trainHead',
  title: 'Train the new layers on cached features',
  lessonName: 'fit(), last layers',
  why: 'The network already sees; only its last layers must learn your classes. They train on the features of step 1, so an epoch takes a moment.',
  lookFor: 'Both losses fall fast; accuracy is already high.',
  needs: ['prepare'],
  options: [
    LEARNING_RATE,
    {
      kind: 'number',
      id: 'epochs',
      label: 'Epochs',
      help: 'How often every picture is seen. Stop earlier when valid loss turns up.',
      default: 5,
      min: 1,
      max: 500,
      isInteger: true,
      scale: 'linear',
    },
    BATCH_SIZE,
    BALANCE_OPTION,
    ...KEPT_WEIGHTS_OPTIONS,
    ...TRAINING_UPDATE_OPTIONS,
    START_FROM,
  ],
};

const TRAIN_ON_CHANGING: RecipeStep = {
  id: 'augment',
  number: 4,
  verb: 'trainHeadOnPictures',
  title: 'Train the new layers on changing pictures',
  lessonName: 'precompute=False, cycle_len=1',
  why: 'Every epoch shows each picture a little turned, zoomed, mirrored and relit, so that no two epochs look the same. The new layers learn what matters and not what one picture happened to look like.',
  lookFor: 'Train loss stays above or near valid loss.',
  needs: ['trainHead'],
  options: [
    LEARNING_RATE,
    ...scheduleOptions({ cycles: 3, cycleMultiplier: 1 }),
    ...AUGMENTATION_OPTIONS,
    BATCH_SIZE,
    BALANCE_OPTION,
    ...KEPT_WEIGHTS_OPTIONS,
    ...TRAINING_UPDATE_OPTIONS,
    GO_ON_FROM,
  ],
};

const UNFREEZE: RecipeStep = {
  id: 'unfreeze',
  number: 5,
  verb: 'unfreeze',
  title: 'Unfreeze the network',
  lessonName: 'unfreeze()',
  why: 'Until here only the new layers learn. Unfrozen, the whole network may adapt to your pictures: it takes longer and more memory.',
  lookFor: 'How many parameters now learn.',
  needs: ['trainHead'],
  options: [
    {
      kind: 'choice',
      id: 'learns',
      label: 'What learns',
      help: 'Frozen layers and their statistics stay exactly as they are, and cost no backward work.',
      default: 'everything',
      choices: [
        { value: 'everything', label: 'everything' },
        { value: 'laterLayers', label: 'the later layers and the new ones' },
        { value: 'newLayers', label: 'the new layers only (frozen again)' },
      ],
    },
    {
      kind: 'choice',
      id: 'batchNorms',
      label: 'Batch norms',
      help: 'They measure every batch anew, or keep what they have measured, those of the new layers too: better for small batches, few pictures, or a size far from the network’s own. Scale and shift learn either way. Kept, a smaller rate or a largest gradient of 0.5 to 1 keeps the training from breaking.',
      default: 'learn',
      choices: [
        { value: 'learn', label: 'measure every batch' },
        { value: 'stay', label: 'keep theirs (bn_freeze)' },
      ],
    },
  ],
};

const DIVISOR = {
  kind: 'number',
  min: 1,
  max: 1000,
  isInteger: false,
  scale: 'log',
  default: 10,
  unit: 'times',
  presets: [
    { value: 10, label: '10× (photographs)' },
    { value: 3, label: '3× (satellite, medical)' },
  ],
} as const;

const RATES: RecipeStep = {
  id: 'rates',
  number: 6,
  verb: 'setRates',
  title: 'Give early layers smaller rates',
  lessonName: 'differential learning rates',
  why: 'Early layers see edges and colours, which your pictures share with all others. They should change less than the late ones.',
  lookFor: 'Ten times smaller for photographs, three times for satellite or medical pictures.',
  needs: ['unfreeze'],
  options: [
    {
      ...DIVISOR,
      id: 'laterDivisor',
      label: 'Later layers learn slower by',
      help: 'The new layers’ rate divided by this.',
      dividesRate: { group: 'Later layers', behind: 'New layers' },
    },
    {
      ...DIVISOR,
      id: 'earlyDivisor',
      label: 'Early layers slower again by',
      help: 'The later layers’ rate divided by this.',
      dividesRate: { group: 'Early layers', behind: 'Later layers' },
    },
  ],
};

const FIND_RATE_AGAIN: RecipeStep = {
  id: 'findRateAgain',
  number: 7,
  verb: 'findNetworkRate',
  title: 'Find a learning rate again',
  lessonName: 'lr_find()',
  why: 'What trains has changed, so the best rate has too. The sweep keeps the ratios between the groups; the rate it shows is the new layers’.',
  lookFor: 'The curve changed, because what trains changed.',
  needs: ['rates'],
  options: [...SWEEP, ...AUGMENTATION_OPTIONS, BATCH_SIZE, ...UPDATE_OPTIONS, GO_ON_FROM],
};

const FINE_TUNE: RecipeStep = {
  id: 'fineTune',
  number: 8,
  verb: 'trainOnPictures',
  title: 'Train everything in lengthening cycles',
  lessonName: 'fit(3, cycle_len=1, cycle_mult=2)',
  why: 'The rate falls along a cosine, jumps back up, and each cycle is twice as long as the last. The jumps shake the network out of narrow minima.',
  lookFor: 'Restarts show as spikes; stop when valid loss turns up.',
  needs: ['rates'],
  options: [
    {
      ...LEARNING_RATE,
      help: 'The new layers’ largest rate; the others follow by their shares. Take it from the finder.',
    },
    ...scheduleOptions({ cycles: 3, cycleMultiplier: 2 }),
    ...AUGMENTATION_OPTIONS,
    BATCH_SIZE,
    BALANCE_OPTION,
    ...KEPT_WEIGHTS_OPTIONS,
    ...TRAINING_UPDATE_OPTIONS,
    GO_ON_FROM,
  ],
};

const CHOOSE: RecipeStep = {
  id: 'choose',
  number: 1,
  verb: 'chooseNetwork',
  title: 'Choose the network',
  lessonName: 'ConvLearner.pretrained()',
  why: 'A network that already knows edges, fur and wings is the start; new layers behind it learn your classes. This recipe trains on changing pictures from the first step on.',
  lookFor: 'Larger pictures show more and take longer.',
  needs: [],
  options: PREPARE.options.filter(({ id }) => id !== 'batchSize'),
};

const LOOKS = {
  kind: 'number',
  id: 'looks',
  label: 'Changed looks',
  help: 'How often each picture is looked at besides the plain look.',
  default: 4,
  min: 1,
  max: 16,
  isInteger: true,
  scale: 'linear',
} as const satisfies OptionSpec;

const LOOK_RULE: OptionSpec = {
  kind: 'choice',
  id: 'rule',
  label: 'Average',
  help: 'In the mean the plain look counts once for every four changed ones. The mean of logarithms is the lesson’s older rule; its probabilities add up to less than 1.',
  default: 'mean',
  choices: [
    { value: 'mean', label: 'mean of all looks' },
    { value: 'weighted', label: 'a quarter is the plain look' },
    { value: 'logMean', label: 'mean of logarithms' },
  ],
};

const LOOKING_WEIGHTS: OptionSpec = {
  kind: 'choice',
  id: 'whatLooks',
  label: 'What looks',
  help: 'After a training of several cycles the network of each kept cycle can look, too, and what they say is averaged. It takes as much longer as there are cycles.',
  default: 'trained',
  choices: [
    { value: 'trained', label: 'what is trained so far' },
    { value: 'cycles', label: 'the average of the kept cycles' },
  ],
};

/** Of a step that looks without learning. */
const LOOK_BATCH: OptionSpec = {
  ...BATCH_SIZE,
  help: 'Pictures that go through the network together. It changes speed and memory, not the result.',
};

const LOOK_AGAIN: RecipeStep = {
  id: 'tta',
  number: 9,
  verb: 'testTimeAugmentation',
  title: 'Average over several looks',
  lessonName: 'TTA()',
  why: 'What is trained so far looks at each validation picture as it is and a few times changed, and the looks are averaged. What one crop cuts off, another one shows.',
  lookFor:
    'In the lecture it made a tenth to a fifth fewer mistakes. Each look takes as long as judging the pictures once.',
  needs: ['trainHead'],
  outdatedBy: ['augment', 'fineTune'],
  options: [LOOKS, LOOK_RULE, LOOKING_WEIGHTS, ...LOOK_OPTIONS, LOOK_BATCH],
};

const PREDICT_TEST: RecipeStep = {
  id: 'predictTest',
  number: 10,
  verb: 'predictTest',
  title: 'Predict the test pictures',
  lessonName: 'TTA(is_test=True)',
  why: 'What is trained so far says what each picture of the test folder is, from a plain look and a few changed ones. Nobody here knows the answers: the predictions are for a competition, or for you.',
  lookFor: 'The pictures it is least sure of, and classes that come far more often or seldom than you would think.',
  needs: ['trainHead'],
  outdatedBy: ['augment', 'fineTune'],
  needsTestPictures: true,
  options: [
    { ...LOOKS, help: `${LOOKS.help} 0 looks at each plainly and no more.`, min: 0 },
    {
      ...LOOK_RULE,
      help: 'In the mean the plain look counts once for every four changed ones. The mean of logarithms is the lesson’s older rule; here its probabilities are scaled to add up to 1.',
    },
    LOOKING_WEIGHTS,
    ...LOOK_OPTIONS,
    LOOK_BATCH,
  ],
};

const numbered = (steps: readonly RecipeStep[]): readonly RecipeStep[] =>
  steps.map((step, index) => ({ ...step, number: index + 1 }));

/** The five steps on pictures alone: no features are kept, so each needs the one before it. */
const FIVE: readonly RecipeStep[] = [
  CHOOSE,
  { ...FIND_RATE_AGAIN, id: 'findRateFirst', title: 'Find a learning rate', needs: ['choose'] },
  { ...TRAIN_ON_CHANGING, needs: ['choose'] },
  { ...UNFREEZE, needs: ['augment'] },
  RATES,
  FINE_TUNE,
  { ...LOOK_AGAIN, needs: ['augment'], outdatedBy: ['fineTune'] },
  { ...PREDICT_TEST, needs: ['augment'], outdatedBy: ['fineTune'] },
];

/** What the recipes with growing pictures are made of. */
const LESSON: LessonSteps = {
  prepare: PREPARE,
  choose: CHOOSE,
  findHeadRate: FIND_RATE,
  findNetworkRate: FIND_RATE_AGAIN,
  trainHead: TRAIN_HEAD,
  trainHeadOnPictures: TRAIN_ON_CHANGING,
  unfreeze: UNFREEZE,
  setRates: RATES,
  trainEverything: FINE_TUNE,
  lookAgain: LOOK_AGAIN,
  predictTest: PREDICT_TEST,
};

/** The lesson's eight steps and its five, with several looks and the test pictures at the end; its two ways with growing pictures; and the part of the eight that trains the head. */
export const RECIPES: readonly Recipe[] = [
  {
    id: 'eight',
    label: 'The eight steps',
    steps: [
      PREPARE,
      FIND_RATE,
      TRAIN_HEAD,
      TRAIN_ON_CHANGING,
      UNFREEZE,
      RATES,
      FIND_RATE_AGAIN,
      FINE_TUNE,
      LOOK_AGAIN,
      PREDICT_TEST,
    ],
  },
  { id: 'five', label: 'Five steps, on pictures', steps: numbered(FIVE) },
  { id: 'breeds', label: 'Breeds: 224, then 299 px', steps: numbered(growBreeds(LESSON)) },
  { id: 'satellite', label: 'Satellite: 64, 128, 256 px', steps: numbered(growSatellite(LESSON)) },
  { id: 'head', label: 'New layers only', steps: numbered([PREPARE, FIND_RATE, TRAIN_HEAD, PREDICT_TEST]) },
];
