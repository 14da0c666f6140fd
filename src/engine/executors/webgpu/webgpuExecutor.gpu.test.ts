import { describe } from 'vitest';
import { describeExecutorContract } from '../../testing/executorContract.ts';
import { createTestExecutor, useGpu } from '../../testing/gpu.ts';
import { describePictureContract } from '../../testing/pictureContract.ts';
import { describeRefusals } from '../../testing/refusalContract.ts';

describe('the WebGPU executor', () => {
  const gpu = useGpu();
  describeExecutorContract(() => createTestExecutor(gpu()));
  describePictureContract(() => createTestExecutor(gpu()));
  describeRefusals(() => createTestExecutor(gpu()));
});
