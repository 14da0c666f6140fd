// What the ways of treating rare classes do to what is learnt: ninety pictures of one class, ten of another, and an overlap.

import { expect, test } from 'vitest';
import { countItems, type TargetsOf } from '../data/targets.ts';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { GraphBuilder } from '../graph/graph.ts';
import { fit, inferAll } from '../learner/learner.ts';
import { trainOnFeatures, validateOnFeatures } from '../learner/trainingData.ts';
import { LESSON_SGD } from '../optimizers/optimizer.ts';
import { createRandom } from '../random.ts';
import { useBackend } from '../testing/backends.ts';
import { balanceFeatures, balanceLoss } from './balanceSettings.ts';

useBackend('cpu');

const FEATURES = 3;
const NAMES = ['last.weight', 'last.bias'];

/** The classes lie 1 apart in each feature and spread by 1 themselves, so that no plane parts them. */
function makeClouds(counts: readonly [number, number], stream: string) {
  const random = createRandom(1, stream);
  const values = Int32Array.from({ length: counts[0] + counts[1] }, (_, item) => (item < counts[0] ? 0 : 1));
  const targets: TargetsOf<'oneClass'> = { kind: 'oneClass', values, classCount: 2 };
  const features = Float32Array.from(
    { length: values.length * FEATURES },
    (_, place) => (values[Math.floor(place / FEATURES)] as number) + random.normal(),
  );
  return { features, targets };
}

/** The share of each class's validation pictures that was recognised, after training on unequal classes. */
async function trainAndRecall(rareClasses: string): Promise<[number, number]> {
  const context = { settings: { rareClasses }, seed: 1 };
  const unequal = makeClouds([90, 10], 'train');
  const train = trainOnFeatures({ ...balanceFeatures(context, unequal, FEATURES), featureCount: FEATURES }, 16);
  const { features, targets } = makeClouds([200, 200], 'valid');
  const valid = validateOnFeatures({ features, targets, featureCount: FEATURES }, 16);
  const builder = new GraphBuilder([FEATURES]);
  builder.linear('last', builder.input, 2);
  const network = await createReferenceExecutor().create(builder.build(), {
    batchSize: train.largestBatch,
    learning: NAMES,
    ...balanceLoss(context, unequal.targets),
  });
  await fit(
    {
      network,
      groups: [{ names: NAMES, learningRate: 0.02, weightDecay: 0 }],
      rule: LESSON_SGD,
      maxGradientNorm: null,
    },
    {
      train,
      valid: null,
      epochCount: 15,
      shuffleRandom: createRandom(1, 'shuffle'),
      dropoutRandom: createRandom(1, 'dropout'),
      callbacks: [],
      signal: { aborted: false },
    },
  );
  const logits = await inferAll(network, valid);
  network.dispose();
  const right = [0, 0];
  for (const [item, label] of targets.values.entries()) {
    const found = (logits[2 * item + 1] as number) > (logits[2 * item] as number) ? 1 : 0;
    if (found === label) right[label] = (right[label] as number) + 1;
  }
  return right.map((count) => count / (countItems(targets) / 2)) as [number, number];
}

test('a rare class is learnt far better repeated or weighed, for a little of the common one', async () => {
  const [asTheyAre, repeated, weighed] = [
    await trainAndRecall('asTheyAre'),
    await trainAndRecall('repeat'),
    await trainAndRecall('weigh'),
  ];
  for (const balanced of [repeated, weighed]) {
    expect(balanced[1]).toBeGreaterThan(asTheyAre[1] + 0.4);
    expect(balanced[0] + balanced[1]).toBeGreaterThan(asTheyAre[0] + asTheyAre[1] + 0.3);
  }
});
