// The gradient of a bias: the output's gradient summed over all rows.

import { countStandaloneTiles, type NormShape, standaloneTileRows } from './batchNorm.ts';
import { assembleKernel, type Kernel, vectors } from './kernel.ts';
import {
  countChannelTiles,
  declareLanes,
  declareLaneTile,
  laneCountOf,
  layOutLanes,
  sumOverPixels,
} from './laneSums.ts';

/** Bindings: gradient [row, channel], partials [tile, channel]. */
export function columnSums(shape: NormShape): Kernel {
  const { batch, rowsPerItem, channelVectors } = shape;
  const layout = layOutLanes(channelVectors);
  const tileRows = standaloneTileRows(shape);
  return assembleKernel({
    family: 'elementwise',
    bindings: [vectors('gradient', 'read'), vectors('partials', 'readWrite')],
    declarations: declareLaneTile(layout),
    workgroupSize: laneCountOf(layout),
    groupCount: countStandaloneTiles(shape) * countChannelTiles(layout, channelVectors),
    body: `
${declareLanes(layout, channelVectors)}
  let endRow = min((pixelTile + 1u) * ${tileRows}u, ${batch * rowsPerItem}u);
  var sum = vec4<f32>();
  for (var row = pixelTile * ${tileRows}u + pixelLane; row < endRow; row += ${layout.pixelLanes}u) {
    sum += gradient[row * ${channelVectors}u + channel];
  }
${sumOverPixels(layout, 'sum')}
  if (pixelLane == 0u && isChannel) { partials[pixelTile * ${channelVectors}u + channel] = laneTile[lane]; }`,
    work: { flops: 4 * batch * rowsPerItem * channelVectors, bytes: 16 * batch * rowsPerItem * channelVectors },
  });
}
