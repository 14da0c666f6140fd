// The lesson's head: what replaces the 1000-class end and trains first (LESSON section 4.3).

import { type Graph, GraphBuilder, type NodeIndex, type ParameterValues, sizeOf } from '../graph/graph.ts';
import type { Random } from '../random.ts';
import type { Architecture } from './architecture.ts';

/** PyTorch's BatchNorm1d defaults, as the lesson's head uses them. */
const BATCH_NORM = { epsilon: 1e-5, momentum: 0.1 };
const HIDDEN_FEATURES = 512;
const HIDDEN_DROPOUT = 0.25;
const FINAL_DROPOUT = 0.5;

/** Batch norm, dropout, linear to 512, ReLU, batch norm, dropout, linear to the classes. */
export function addHead(builder: GraphBuilder, features: NodeIndex, classCount: number): NodeIndex {
  let node = builder.batchNorm('head.bn1', features, BATCH_NORM);
  node = builder.dropout(node, HIDDEN_DROPOUT);
  node = builder.activation(builder.linear('head.fc1', node, HIDDEN_FEATURES), 'relu');
  node = builder.dropout(builder.batchNorm('head.bn2', node, BATCH_NORM), FINAL_DROPOUT);
  return builder.linear('head.fc2', node, classCount);
}

/** The head alone, on pooled features [2 * featureChannels]: what trains on cached activations. */
export function buildHead(featureCount: number, classCount: number): Graph {
  const builder = new GraphBuilder([featureCount]);
  addHead(builder, builder.input, classCount);
  return builder.build();
}

/** The body with its concat pool, on pictures of one size: what fills the activation cache. */
export function buildFeatureExtractor(architecture: Architecture, imageSizePx: number): Graph {
  const builder = new GraphBuilder([imageSizePx, imageSizePx, 3]);
  builder.concatPool(architecture.body(builder, builder.input));
  return builder.build();
}

/** The whole network with its original classifier, for parity with the source of the weights. */
export function buildClassifier(architecture: Architecture, imageSizePx: number, classCount: number): Graph {
  const builder = new GraphBuilder([imageSizePx, imageSizePx, 3]);
  architecture.classifier(builder, architecture.body(builder, builder.input), classCount);
  return builder.build();
}

/**
 * Fresh values: weights normal with standard deviation sqrt(2 / fan in) (He et al. 2015, the final layer too, as the lesson
 * does), biases 0, batch norm scale 1, shift 0, running mean 0, running variance 1.
 */
export function initialiseHead(head: Pick<Graph, 'parameters'>, random: Random): ParameterValues {
  const values = new Map<string, Float32Array>();
  for (const { name, kind, shape } of head.parameters) {
    const value = new Float32Array(sizeOf(shape));
    if (kind === 'weight') {
      const deviation = Math.sqrt(2 / (shape[0] as number));
      for (let i = 0; i < value.length; i++) value[i] = deviation * random.normal();
    } else if (kind === 'scale' || kind === 'runningVariance') value.fill(1);
    values.set(name, value);
  }
  return values;
}
