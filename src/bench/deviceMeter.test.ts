import { afterEach, expect, test, vi } from 'vitest';
import { installDeviceMeter } from './deviceMeter.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** What of WebGPU the meter puts itself in front of. */
function stubWebGpu() {
  class FakeBuffer {
    readonly size: number;
    constructor(size: number) {
      this.size = size;
    }
    destroy() {}
  }
  class FakeDevice {
    createBuffer({ size }: { size: number }) {
      return new FakeBuffer(size);
    }
  }
  class FakePass {
    readonly grids: number[] = [];
    dispatchWorkgroups(x: number) {
      this.grids.push(x);
    }
  }
  class FakeQueue {
    submit() {}
  }
  vi.stubGlobal('GPUBuffer', FakeBuffer);
  vi.stubGlobal('GPUDevice', FakeDevice);
  vi.stubGlobal('GPUComputePassEncoder', FakePass);
  vi.stubGlobal('GPUQueue', FakeQueue);
  return { device: new FakeDevice(), pass: new FakePass(), queue: new FakeQueue() };
}

test('dispatches and submits are counted and still happen', () => {
  const { pass, queue } = stubWebGpu();
  let timeMs = 0;
  const meter = installDeviceMeter(() => timeMs);
  pass.dispatchWorkgroups(4);
  pass.dispatchWorkgroups(5);
  timeMs = 17;
  queue.submit();
  expect(pass.grids).toEqual([4, 5]);
  expect(meter).toMatchObject({ dispatches: 2, submits: 1, lastSubmitMs: 17 });
});

test('bytes of buffers go down when one is destroyed, once, and the peak stays', () => {
  const { device } = stubWebGpu();
  const meter = installDeviceMeter(() => 0);
  const first = device.createBuffer({ size: 100 });
  device.createBuffer({ size: 50 });
  first.destroy();
  first.destroy();
  device.createBuffer({ size: 10 });
  expect(meter).toMatchObject({ bufferBytes: 60, peakBufferBytes: 150 });
});
