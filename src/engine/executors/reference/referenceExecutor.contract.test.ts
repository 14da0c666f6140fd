import { describe } from 'vitest';
import { useBackend } from '../../testing/backends.ts';
import { describeExecutorContract } from '../../testing/executorContract.ts';
import { describePictureContract } from '../../testing/pictureContract.ts';
import { describeRefusals } from '../../testing/refusalContract.ts';
import { createReferenceExecutor } from './referenceExecutor.ts';

describe.each(['cpu', 'wasm'] as const)('on the %s backend', (backend) => {
  useBackend(backend);
  describeExecutorContract(createReferenceExecutor);
  describeRefusals(createReferenceExecutor);
  describePictureContract(createReferenceExecutor);
});
