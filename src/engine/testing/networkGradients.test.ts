import { describe, expect, test } from 'vitest';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { ARCHITECTURES, findArchitecture } from '../models/catalog.ts';
import { useBackend } from './backends.ts';
import { readJson } from './fixtures.ts';
import { cutAtGroups, type NetworkGradientsFixture, repeatPasses } from './networkGradients.ts';

useBackend('wasm');

const fixture = readJson<NetworkGradientsFixture>('fixtures/parity/networkGradients/efficientnet-lite0.json');
const repeat = (changed: Partial<NetworkGradientsFixture>) =>
  repeatPasses(createReferenceExecutor(), { ...fixture, ...changed });

describe('the comparison with recorded passes', () => {
  test('finds and names whatever is another than was recorded', async () => {
    const [gradient, statistic] = ['_blocks.6._expand_conv.weight', '_blocks.9._bn1.running_var'];
    const difference = await repeat({
      logits: fixture.logits.map((logit, place) => (place === 3 ? 1.1 * logit : logit)),
      featureMaps: fixture.featureMaps.map((map, group) =>
        group === 1 ? { ...map, values: grow(map.values, 3) } : map,
      ),
      loss: 1.01 * fixture.loss,
      gradients: { ...fixture.gradients, [gradient]: grow(fixture.gradients[gradient], 0) },
      runningStatistics: {
        ...fixture.runningStatistics,
        [statistic]: grow(fixture.runningStatistics[statistic], 2),
      },
    });
    expect(difference.loss.error).toBeCloseTo(1 - 1 / 1.01, 4);
    expect(difference.logits.error).toBeGreaterThan(1e-3);
    expect(difference.featureMaps.name).toBe('group 1');
    expect(difference.gradients.name).toBe(gradient);
    expect(difference.runningStatistics.name).toBe(statistic);
    for (const { error } of Object.values(difference)) expect(error).toBeGreaterThan(1e-3);
  });

  test('refuses a fixture of other layer groups', async () => {
    await expect(repeat({ featureMaps: fixture.featureMaps.slice(1) })).rejects.toThrow('2 layer groups');
    const [early, late] = fixture.featureMaps;
    await expect(repeat({ featureMaps: [late, early] as typeof fixture.featureMaps })).rejects.toThrow(
      'The feature map of group 0 is [8,8,40]',
    );
  });
});

/** The record with one number larger by a hundredth of the tensor's norm, or of its largest value. */
function grow(record: readonly number[] | undefined, place: number): NetworkGradientsFixture['gradients'][string] {
  const [norm = 0, largest = 0, ...more] = record ?? [];
  const by = 0.01 * (place === 0 || place === 2 ? norm : largest);
  const [first = 0, second = 0, third = 0, ...samples] = [norm, largest, ...more].map((value, i) =>
    i === place ? value + by : value,
  );
  return [first, second, third, ...samples];
}

test.each(ARCHITECTURES.map(({ id }) => id))('%s in two has the layers of its groups and no others', (id) => {
  const [early, whole] = cutAtGroups(findArchitecture(id), 64);
  const names = early?.parameters.map(({ name }) => name) ?? [];
  const isOfFirstGroup = (name: string) =>
    findArchitecture(id).bodyGroups[0]?.some((prefix) => name.startsWith(prefix));
  expect(names).toEqual(whole?.parameters.map(({ name }) => name).filter(isOfFirstGroup));
});
