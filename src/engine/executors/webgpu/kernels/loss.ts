// Losses with everything that a step wants from its logits in one dispatch: loss and correct count into the metrics ring,
// and the gradient of the logits. Items that are only padding get a zero gradient and count for nothing.

import { assembleKernel, type Binding, type Kernel, STEP_BINDING } from './kernel.ts';

const LANES = 256;
/** Lanes that share one item's classes. */
const LANES_PER_ITEM = 16;
const ITEMS_AT_ONCE = LANES / LANES_PER_ITEM;

export interface LossShape {
  readonly batch: number;
  readonly classCount: number;
}

export interface SoftmaxLossShape extends LossShape {
  /** Items count by shares that come with the labels; alike otherwise. */
  readonly isWeighted: boolean;
}

function numbers(name: string, access: 'read' | 'readWrite'): Binding {
  return { name, type: 'array<f32>', access };
}

const METRICS: Binding = { name: 'metrics', type: 'array<vec2<f32>>', access: 'readWrite' };

/** Adds laneValue over the lanes of an item; the sum lies in the item's first place of laneValues. */
const ADD_OVER_ITEM = `    workgroupBarrier();
    if (part == 0u) {
      var added = 0.0;
      for (var other = 0u; other < ${LANES_PER_ITEM}u; other++) { added += laneValues[lane + other]; }
      laneValues[lane] = added;
    }
    workgroupBarrier();`;

/** Adds two numbers over the workgroup and stores them in this step's slot of the metrics. */
function storeMetrics(loss: string): string {
  return `  laneValues[lane] = lossSum;
  laneCounts[lane] = correctCount;
  workgroupBarrier();
  if (lane == 0u) {
    var loss = 0.0; var correct = 0u;
    for (var other = 0u; other < ${LANES}u; other++) { loss += laneValues[other]; correct += laneCounts[other]; }
    metrics[step.metricsSlot] = vec2<f32>(${loss}, f32(correct));
  }`;
}

const DECLARATIONS = `var<workgroup> laneValues: array<f32, ${LANES}>;
var<workgroup> laneCounts: array<u32, ${LANES}>;`;

/**
 * Bindings: logits [item, class], labels [item], gradient [item, class], metrics [slot] (loss, correct count), step.
 * Where items are weighted the labels are followed, at place `batch`, by each item's share of the loss as the bits of an f32.
 */
export function softmaxCrossEntropy({ batch, classCount, isWeighted }: SoftmaxLossShape): Kernel {
  const rowLength = 4 * Math.ceil(classCount / 4);
  const itemOrLast = `min(item, ${batch - 1}u)`;
  const count = 'f32(step.itemCount)';
  return assembleKernel({
    family: 'loss',
    bindings: [
      numbers('logits', 'read'),
      { name: 'labels', type: 'array<u32>', access: 'read' },
      numbers('gradient', 'readWrite'),
      METRICS,
      STEP_BINDING,
    ],
    declarations: DECLARATIONS,
    workgroupSize: LANES,
    groupCount: 1,
    body: `  let part = lane % ${LANES_PER_ITEM}u;
  var lossSum = 0.0; var correctCount = 0u;
  for (var turn = 0u; turn < ${Math.ceil(batch / ITEMS_AT_ONCE)}u; turn++) {
    let item = turn * ${ITEMS_AT_ONCE}u + lane / ${LANES_PER_ITEM}u;
    let isItem = item < step.itemCount;
    let start = ${itemOrLast} * ${rowLength}u;
    // Lanes beyond the classes repeat class 0, which changes no maximum.
    var largest = logits[start]; var winner = 0u;
    for (var class_ = part; class_ < ${classCount}u; class_ += ${LANES_PER_ITEM}u) {
      if (logits[start + class_] > largest) { largest = logits[start + class_]; winner = class_; }
    }
    laneValues[lane] = largest;
    laneCounts[lane] = winner;
    workgroupBarrier();
    if (part == 0u) {
      for (var other = 1u; other < ${LANES_PER_ITEM}u; other++) {
        let value = laneValues[lane + other]; let place = laneCounts[lane + other];
        if (value > largest || (value == largest && place < winner)) { largest = value; winner = place; }
      }
      laneValues[lane] = largest;
    }
    workgroupBarrier();
    largest = laneValues[lane - part];
    workgroupBarrier();
    var sum = 0.0;
    for (var class_ = part; class_ < ${classCount}u; class_ += ${LANES_PER_ITEM}u) { sum += exp(logits[start + class_] - largest); }
    laneValues[lane] = sum;
${ADD_OVER_ITEM}
    sum = laneValues[lane - part];
    let label = labels[${itemOrLast}];
    ${isWeighted ? `let share = bitcast<f32>(labels[${batch}u + ${itemOrLast}]);` : ''}
    if (isItem && part == 0u) {
      lossSum += ${isWeighted ? 'share * ' : ''}(log(sum) + largest - logits[start + label]);
      correctCount += select(0u, 1u, winner == label);
    }
    if (item < ${batch}u) {
      for (var class_ = part; class_ < ${rowLength}u; class_ += ${LANES_PER_ITEM}u) {
        let probability = exp(logits[start + class_] - largest) / sum;
        let value = (probability - select(0.0, 1.0, class_ == label)) ${isWeighted ? '* share' : `/ ${count}`};
        gradient[start + class_] = select(0.0, value, isItem && class_ < ${classCount}u);
      }
    }
    workgroupBarrier();
  }
${storeMetrics(isWeighted ? 'loss' : `loss / ${count}`)}`,
    work: { flops: 8 * batch * classCount, bytes: 8 * batch * classCount },
  });
}

/** Bindings: logits, labels [item, class] (0 or 1), gradient, metrics, step. Stable form: max(l, 0) - l t + log(1 + e^-|l|). */
export function sigmoidCrossEntropy({ batch, classCount }: LossShape): Kernel {
  const rowLength = 4 * Math.ceil(classCount / 4);
  return assembleKernel({
    family: 'loss',
    bindings: [
      numbers('logits', 'read'),
      numbers('labels', 'read'),
      numbers('gradient', 'readWrite'),
      METRICS,
      STEP_BINDING,
    ],
    declarations: DECLARATIONS,
    workgroupSize: LANES,
    groupCount: 1,
    body: `  let share = 1.0 / (f32(step.itemCount) * ${classCount}.0);
  var lossSum = 0.0; var correctCount = 0u;
  for (var index = lane; index < ${batch * rowLength}u; index += ${LANES}u) {
    let item = index / ${rowLength}u; let class_ = index % ${rowLength}u;
    var value = 0.0;
    if (item < step.itemCount && class_ < ${classCount}u) {
      let logit = logits[index];
      let truth = labels[item * ${classCount}u + class_];
      lossSum += max(logit, 0.0) - logit * truth + log(1.0 + exp(-abs(logit)));
      correctCount += select(0u, 1u, (logit > 0.0) == (truth > 0.5));
      value = (1.0 / (1.0 + exp(-logit)) - truth) * share;
    }
    gradient[index] = value;
  }
${storeMetrics('loss * share')}`,
    work: { flops: 8 * batch * classCount, bytes: 12 * batch * classCount },
  });
}
