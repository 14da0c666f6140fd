// What the update rules remember between steps, and the rules themselves as tfjs ops: see optimizers/optimizer.ts for the
// formulas and their sources.

import type { AdamWRule, ParameterGroup, SgdRule, UpdateRule } from '../../optimizers/optimizer.ts';
import * as tf from '../../tf.ts';
import type { OptimizerValues } from '../executor.ts';

type Rates = Pick<ParameterGroup, 'learningRate' | 'weightDecay'>;
/** The velocity is AdamW's mean of gradients too. */
type Buffer = 'velocity' | 'square';

export class OptimizerState {
  /** By buffer and parameter. */
  private readonly buffers = new Map<string, tf.Tensor>();
  /** Since the last reset; the step that is running counts. */
  private stepCount = 0;

  /** Call once before the updates of a step. */
  startStep(): void {
    this.stepCount += 1;
  }

  /** The parameter's new value; call inside a tidy. */
  update(name: string, parameter: tf.Tensor, gradient: tf.Tensor, rates: Rates, rule: UpdateRule): tf.Tensor {
    return rule.kind === 'sgd'
      ? this.updateBySgd(name, parameter, gradient, rates, rule)
      : this.updateByAdamW(name, parameter, gradient, rates, rule);
  }

  reset(): void {
    for (const buffer of this.buffers.values()) buffer.dispose();
    this.buffers.clear();
    this.stepCount = 0;
  }

  async read(): Promise<OptimizerValues> {
    const { stepCount } = this;
    // All are held before the first is waited for, so that a step in between is not half in.
    const held = [...this.buffers].map(([key, tensor]) => [key, tf.clone(tensor)] as const);
    const found = { velocity: new Map<string, Float32Array>(), square: new Map<string, Float32Array>() };
    for (const [key, tensor] of held) {
      const [buffer, name] = splitKey(key);
      // Always float32, as the parameters are; a backend may hand out its own array, so it is copied.
      found[buffer].set(name, ((await tensor.data()) as Float32Array).slice());
      tensor.dispose();
    }
    return { stepCount, velocities: found.velocity, squares: found.square };
  }

  /** @param shapeOf of a parameter */
  write({ stepCount, velocities, squares }: OptimizerValues, shapeOf: (name: string) => readonly number[]): void {
    this.reset();
    this.stepCount = stepCount;
    const put = (buffer: Buffer, name: string, value: Float32Array) =>
      // The tensor may keep the array it is given, so it gets its own copy.
      this.buffers.set(keyOf(buffer, name), tf.tensor(value.slice(), [...shapeOf(name)]));
    for (const [name, value] of velocities) put('velocity', name, value);
    for (const [name, value] of squares) put('square', name, value);
  }

  private updateBySgd(
    name: string,
    parameter: tf.Tensor,
    gradient: tf.Tensor,
    { learningRate, weightDecay }: Rates,
    { momentum, decay }: SgdRule,
  ): tf.Tensor {
    const isCoupled = decay === 'coupled' && weightDecay !== 0;
    const direction = isCoupled ? tf.add(gradient, tf.mul(parameter, weightDecay)) : gradient;
    const before = this.buffers.get(keyOf('velocity', name));
    const velocity = before ? tf.add(tf.mul(before, momentum), direction) : tf.clone(direction);
    this.keep('velocity', name, velocity);
    const base = decay === 'decoupled' ? shrink(parameter, learningRate * weightDecay) : parameter;
    return tf.sub(base, tf.mul(velocity, learningRate));
  }

  private updateByAdamW(
    name: string,
    parameter: tf.Tensor,
    gradient: tf.Tensor,
    { learningRate, weightDecay }: Rates,
    { beta1, beta2, epsilon }: AdamWRule,
  ): tf.Tensor {
    const average = (buffer: Buffer, beta: number, value: tf.Tensor) => {
      const before = this.buffers.get(keyOf(buffer, name));
      const fresh = tf.mul(value, 1 - beta);
      const now = before ? tf.add(tf.mul(before, beta), fresh) : fresh;
      this.keep(buffer, name, now);
      return tf.div(now, 1 - beta ** this.stepCount);
    };
    const direction = average('velocity', beta1, gradient);
    const spread = tf.sqrt(average('square', beta2, tf.square(gradient)));
    const change = tf.div(direction, tf.add(spread, epsilon));
    return tf.sub(shrink(parameter, learningRate * weightDecay), tf.mul(change, learningRate));
  }

  private keep(buffer: Buffer, name: string, value: tf.Tensor): void {
    this.buffers.get(keyOf(buffer, name))?.dispose();
    this.buffers.set(keyOf(buffer, name), tf.keep(value));
  }
}

function keyOf(buffer: Buffer, name: string): string {
  return `${buffer} ${name}`;
}

function splitKey(key: string): [Buffer, string] {
  const end = key.indexOf(' ');
  // Made by keyOf above.
  return [key.slice(0, end) as Buffer, key.slice(end + 1)];
}

/** Decoupled weight decay: the parameter times (1 - share). */
function shrink(parameter: tf.Tensor, share: number): tf.Tensor {
  return share === 0 ? parameter : tf.mul(parameter, 1 - share);
}
