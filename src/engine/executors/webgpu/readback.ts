// Results of inference on their way back: copied into mappable buffers that are used again, rows cut to their true length.

export interface RowSize {
  readonly rows: number;
  /** Numbers of a row that count; on the device rows are filled up to a multiple of four. */
  readonly columns: number;
}

export class Readback {
  private readonly device: GPUDevice;
  private readonly idle: GPUBuffer[] = [];
  private readonly all = new Set<GPUBuffer>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** Ends the commands with a copy of the rows, submits them, and resolves with the rows when they are there. */
  async submitAndRead(
    encoder: GPUCommandEncoder,
    source: GPUBuffer,
    { rows, columns }: RowSize,
  ): Promise<Float32Array> {
    const rowLength = 4 * Math.ceil(columns / 4);
    const sizeBytes = 4 * rows * rowLength;
    const staging = this.takeStaging(sizeBytes);
    encoder.copyBufferToBuffer(source, 0, staging, 0, sizeBytes);
    this.device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ, 0, sizeBytes);
    const padded = new Float32Array(staging.getMappedRange(0, sizeBytes));
    const values = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      values.set(padded.subarray(row * rowLength, row * rowLength + columns), row * columns);
    }
    staging.unmap();
    this.idle.push(staging);
    return values;
  }

  dispose(): void {
    for (const buffer of this.all) buffer.destroy();
  }

  private takeStaging(sizeBytes: number): GPUBuffer {
    const place = this.idle.findIndex(({ size }) => size >= sizeBytes);
    const [found] = place === -1 ? [] : this.idle.splice(place, 1);
    if (found) return found;
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
    const buffer = this.device.createBuffer({ label: 'output on its way back', size: sizeBytes, usage });
    this.all.add(buffer);
    return buffer;
  }
}
