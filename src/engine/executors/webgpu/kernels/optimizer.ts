// The end of a step, for all parameters at once: norm of the gradients, the decision whether the step counts, the update, and
// the running statistics. A step whose loss or gradient is not finite changes nothing, and neither does any after it.

import { CLIP_EPSILON, type UpdateRule } from '../../../optimizers/optimizer.ts';
import { assembleKernel, type Binding, type Kernel, STEP_BINDING, vectors, words } from './kernel.ts';

/** Every parameter begins at a multiple of this many numbers, so that a block of the update has one rate. */
export const BLOCK_SIZE = 1024;
const LANES = 256;

/** Partial sums of squares of one arena segment. */
export const NORM_PARTIALS = 256;

/**
 * Is halted: stays set until parameters are written. Is applied: this step counts. Update count: steps that counted since
 * the optimizer was reset. Corrections: AdamW's 1 - beta^updateCount.
 */
export const CONTROL_WORDS = 8;
export const CONTROL_HALTED_WORD = 0;
export const CONTROL_COUNT_WORD = 3;
export const NOT_LEARNING = 0xffff_ffff;

const CONTROL_STRUCT = `struct Control {
  isHalted: u32, isApplied: u32, clipFactor: f32, updateCount: u32,
  firstCorrection: f32, secondCorrection: f32, unused: vec2<u32>,
}
`;

function control(access: 'read' | 'readWrite'): Binding {
  return { name: 'control', type: 'Control', access };
}

/** Bindings: gradients, partials [NORM_PARTIALS]: sums of squares. */
export function gradientSquares(blockCount: number): Kernel {
  const count = (blockCount * BLOCK_SIZE) / 4;
  return assembleKernel({
    family: 'optimizer',
    bindings: [vectors('gradients', 'read'), { name: 'partials', type: 'array<f32>', access: 'readWrite' }],
    declarations: `var<workgroup> laneSums: array<f32, ${LANES}>;`,
    workgroupSize: LANES,
    groupCount: NORM_PARTIALS,
    body: `  var sum = 0.0;
  for (var at = group * ${LANES}u + lane; at < ${count}u; at += ${LANES * NORM_PARTIALS}u) { sum += dot(gradients[at], gradients[at]); }
  laneSums[lane] = sum;
  workgroupBarrier();
  if (lane < 16u) { for (var other = 1u; other < 16u; other++) { laneSums[lane] += laneSums[lane + 16u * other]; } }
  workgroupBarrier();
  if (lane == 0u) {
    var total = 0.0;
    for (var other = 0u; other < 16u; other++) { total += laneSums[other]; }
    partials[group] = total;
  }`,
    work: { flops: 8 * count, bytes: 16 * count },
  });
}

/**
 * Decides whether the step counts. Finite is read from the bits: a shader may take it for granted that numbers are finite.
 * A step that does not count says so with a NaN as its loss. Bindings: partials, metrics, control, step.
 */
export function decideStep(partialCount: number): Kernel {
  return assembleKernel({
    family: 'optimizer',
    bindings: [
      { name: 'partials', type: 'array<f32>', access: 'read' },
      { name: 'metrics', type: 'array<vec2<u32>>', access: 'readWrite' },
      control('readWrite'),
      STEP_BINDING,
    ],
    declarations: `${CONTROL_STRUCT}
fn isFinite(bits: u32) -> bool { return (bits & 0x7f800000u) != 0x7f800000u; }
// 1 - beta^t = -(e^x - 1) with x = t ln(beta): a series where x is small, since 1 - 0.999 has few digits left.
fn correction(x: f32) -> f32 {
  if (x < -0.5) { return 1.0 - exp(x); }
  return -x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0 * (1.0 + x / 7.0))))));
}`,
    workgroupSize: 1,
    groupCount: 1,
    body: `  var sum = 0.0;
  for (var at = 0u; at < ${partialCount}u; at++) { sum += partials[at]; }
  let isGood = control.isHalted == 0u && isFinite(metrics[step.metricsSlot].x) && isFinite(bitcast<u32>(sum));
  control.isHalted = select(1u, 0u, isGood);
  control.isApplied = select(0u, 1u, isGood);
  control.updateCount += select(0u, 1u, isGood);
  control.firstCorrection = correction(f32(control.updateCount) * step.logBeta1);
  control.secondCorrection = correction(f32(control.updateCount) * step.logBeta2);
  control.clipFactor = select(1.0, min(1.0, step.maxGradientNorm / (sqrt(sum) + ${CLIP_EPSILON})), step.maxGradientNorm > 0.0);
  if (!isGood) { metrics[step.metricsSlot].x = 0x7fc00000u; }`,
    work: { flops: partialCount, bytes: 4 * partialCount },
  });
}

/**
 * One block for each workgroup. Bindings: parameters, gradients, velocities, [squares] (AdamW), blockGroups [block]: the
 * parameter group whose rate applies, control, step.
 */
export function updateParameters(rule: UpdateRule['kind'], blockCount: number): Kernel {
  const isAdamW = rule === 'adamW';
  const vectorsPerBlock = BLOCK_SIZE / 4;
  return assembleKernel({
    family: 'optimizer',
    bindings: [
      vectors('parameters', 'readWrite'),
      vectors('gradients', 'read'),
      vectors('velocities', 'readWrite'),
      ...(isAdamW ? [vectors('squares', 'readWrite')] : []),
      words('blockGroups', 'read'),
      control('read'),
      STEP_BINDING,
    ],
    declarations: CONTROL_STRUCT,
    workgroupSize: LANES,
    groupCount: blockCount,
    body: `  let parameterGroup = blockGroups[group];
  if (control.isApplied == 0u || parameterGroup == ${NOT_LEARNING}u) { return; }
  let rate = step.groups[parameterGroup].x;
  let decay = step.groups[parameterGroup].y;
  let at = group * ${vectorsPerBlock}u + lane;
  let gradient = gradients[at] * control.clipFactor;
  let before = parameters[at];
${isAdamW ? ADAMW : SGD}`,
    work: { flops: 24 * blockCount * vectorsPerBlock, bytes: (isAdamW ? 112 : 80) * blockCount * vectorsPerBlock },
  });
}

const SGD = `  let isDecoupled = step.isDecoupled == 1u;
  let direction = gradient + select(decay, 0.0, isDecoupled) * before;
  let velocity = step.momentum * velocities[at] + direction;
  velocities[at] = velocity;
  parameters[at] = before * (1.0 - select(0.0, rate * decay, isDecoupled)) - rate * velocity;`;

const ADAMW = `  let velocity = step.momentum * velocities[at] + (1.0 - step.momentum) * gradient;
  let square = step.beta2 * squares[at] + (1.0 - step.beta2) * gradient * gradient;
  velocities[at] = velocity;
  squares[at] = square;
  let scaled = (velocity / control.firstCorrection) / (sqrt(square / control.secondCorrection) + step.epsilon);
  parameters[at] = before * (1.0 - rate * decay) - rate * scaled;`;

/** Running statistics begin at multiples of this many numbers. */
export const STATISTICS_BLOCK = 64;

/**
 * running = (1 - momentum) * running + momentum * batch, PyTorch's convention. Bindings: running, batchStatistics,
 * momenta [block of STATISTICS_BLOCK]: 0 keeps frozen ones bit for bit, control.
 */
export function updateRunningStatistics(blockCount: number): Kernel {
  const count = (blockCount * STATISTICS_BLOCK) / 4;
  return assembleKernel({
    family: 'optimizer',
    bindings: [
      vectors('running', 'readWrite'),
      vectors('batchStatistics', 'read'),
      { name: 'momenta', type: 'array<f32>', access: 'read' },
      control('read'),
    ],
    declarations: CONTROL_STRUCT,
    workgroupSize: LANES,
    groupCount: Math.ceil(count / LANES),
    body: `  let at = group * ${LANES}u + lane;
  if (at >= ${count}u || control.isApplied == 0u) { return; }
  let momentum = momenta[at / ${STATISTICS_BLOCK / 4}u];
  if (momentum == 0.0) { return; }
  running[at] = (1.0 - momentum) * running[at] + momentum * batchStatistics[at];`,
    work: { flops: 12 * count, bytes: 48 * count },
  });
}
