import { expect, test } from 'vitest';
import { applyTransform } from '../../../augment/applyTransform.ts';
import { drawTransform, validationTransform } from '../../../augment/drawTransform.ts';
import { meanOfPicture, type PictureTransform, type StoredPicture } from '../../../augment/pictureTransform.ts';
import { PRESETS } from '../../../augment/presets.ts';
import { LESSON_SGD } from '../../../optimizers/optimizer.ts';
import { createRandom } from '../../../random.ts';
import { largestRelativeError } from '../../../testing/formula.ts';
import { useGpu } from '../../../testing/gpu.ts';
import { unpadLastAxis } from '../../../testing/padding.ts';
import { runKernel } from '../../../testing/runKernel.ts';
import { encodeStep } from '../stepUniform.ts';
import { unpackNumbers, VIEW_WORDS, viewPictures } from './input.ts';

const gpu = useGpu();
const SIZE_PX = 17;
const STATISTICS = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

const step = (itemCount: number) =>
  encodeStep({ itemCount, metricsSlot: 0, dropoutSeed: 0, rule: LESSON_SGD, maxGradientNorm: null, groups: [] });

function makePicture(widthPx: number, heightPx: number, salt: number): StoredPicture {
  const rgb = Uint8Array.from({ length: 3 * widthPx * heightPx }, (_, i) => 127.5 + 127.5 * Math.sin(0.37 * i + salt));
  return { widthPx, heightPx, rgb };
}

/** Pictures side by side, and a view of each, as the store hands them to the kernel. */
function pack(pictures: readonly StoredPicture[], transforms: readonly PictureTransform[]) {
  const bytes = new Uint8Array(pictures.reduce((sum, { rgb }) => sum + 4 * Math.ceil(rgb.length / 4), 0));
  const words = new Uint32Array(VIEW_WORDS * pictures.length);
  const numbers = new Float32Array(words.buffer);
  let place = 0;
  for (const [item, picture] of pictures.entries()) {
    const { matrix, brightness, contrast } = transforms[item] as PictureTransform;
    bytes.set(picture.rgb, place);
    words.set([place, picture.widthPx, picture.heightPx], VIEW_WORDS * item);
    numbers.set([meanOfPicture(picture), ...matrix, brightness, contrast], VIEW_WORDS * item + 3);
    place += 4 * Math.ceil(picture.rgb.length / 4);
  }
  return { pictures: bytes.buffer, views: words };
}

test('pictures are seen on the device as on the reference executor: zoomed, turned, flipped, relit, mirrored at the border', async () => {
  const random = createRandom(5, 'augment');
  const sizes = [
    [31, 23],
    [17, 17],
    [19, 40],
    [64, 18],
    [20, 21],
    [33, 33],
  ] as const;
  const pictures = sizes.map(([widthPx, heightPx], index) => makePicture(widthPx, heightPx, index));
  const batch = pictures.length + 2;
  const kernel = viewPictures({ batch, height: SIZE_PX, width: SIZE_PX, ...STATISTICS });
  const draws: ((picture: StoredPicture) => PictureTransform)[] = [
    (picture) => validationTransform(picture, SIZE_PX),
    ...(['basic', 'sideOn', 'topDown'] as const).map(
      (preset) => (picture: StoredPicture) =>
        drawTransform(picture, SIZE_PX, { ...PRESETS[preset], maxZoom: 1.3, padding: 0.1, crop: 'random' }, random),
    ),
    // Far outside on every side: several mirrored copies.
    () => ({ matrix: [3.1, -0.7, -25.3, 0.4, -2.9, 31.7], brightness: 0.2, contrast: 1.7 }),
  ];
  for (const draw of draws) {
    const transforms = pictures.map(draw);
    const { result } = await runKernel(
      gpu(),
      kernel,
      { ...pack(pictures, transforms), step: step(pictures.length) },
      { result: batch * SIZE_PX ** 2 * 4 },
    );
    const seen = unpadLastAxis(result as Float32Array, 3);
    const format = { widthPx: SIZE_PX, heightPx: SIZE_PX, statistics: STATISTICS };
    const expected = pictures.flatMap((picture, item) => [
      ...applyTransform(picture, transforms[item] as PictureTransform, format),
    ]);
    const padding = new Float32Array(2 * SIZE_PX ** 2 * 3);
    expect(largestRelativeError(seen, [...expected, ...padding])).toBeLessThan(1e-3);
  }
});

test('numbers are filled up with zeros to four channels and to the whole batch', async () => {
  const kernel = unpackNumbers({ batch: 3, rowsPerItem: 2, channels: 6 });
  const source = Float32Array.from({ length: 36 }, (_, index) => index + 1);
  const { result } = await runKernel(gpu(), kernel, { source, step: step(2) }, { result: 48 });
  const rows = [0, 1, 2, 3].flatMap((row) => [...source.subarray(6 * row, 6 * row + 6), 0, 0]);
  expect([...(result as Float32Array)]).toEqual([...rows, ...new Array(16).fill(0)]);
});
