// The contract of a network family: a body that turns pictures into a feature map, and how it is cut, split and fed.

import type { GraphBuilder, NodeIndex } from '../graph/graph.ts';
import type { LayerGroups } from '../graph/layerGroups.ts';

export interface Architecture {
  /** 'efficientnet-lite0': also the name of its weights file. */
  readonly id: string;
  readonly label: string;
  readonly imageSizePx: number;
  /** Channels of the feature map; the concat pool doubles it. */
  readonly featureChannels: number;
  /** Prefixes of parameter names, pixel side first; the head is added last. */
  readonly bodyGroups: LayerGroups;
  /** [height, width, 3] -> [height / 32, width / 32, featureChannels] */
  readonly body: (builder: GraphBuilder, images: NodeIndex) => NodeIndex;
  /** The original 1000-class end, for parity tests: feature map -> logits. */
  readonly classifier: (builder: GraphBuilder, featureMap: NodeIndex, classCount: number) => NodeIndex;
}
