// Channels filled up to a multiple of four, as the WebGPU kernels keep them, for tests.

/** [..., channels] with zeros after each row. */
export function padLastAxis(values: Float32Array, channels: number): Float32Array {
  const paddedChannels = 4 * Math.ceil(channels / 4);
  const rows = values.length / channels;
  const padded = new Float32Array(rows * paddedChannels);
  for (let row = 0; row < rows; row++) {
    padded.set(values.subarray(row * channels, (row + 1) * channels), row * paddedChannels);
  }
  return padded;
}

/** Throws when a filled-up channel is not zero: then something leaked into it. */
export function unpadLastAxis(padded: Float32Array, channels: number): Float32Array {
  const paddedChannels = 4 * Math.ceil(channels / 4);
  const rows = padded.length / paddedChannels;
  const values = new Float32Array(rows * channels);
  for (let row = 0; row < rows; row++) {
    const whole = padded.subarray(row * paddedChannels, (row + 1) * paddedChannels);
    values.set(whole.subarray(0, channels), row * channels);
    const leaked = whole.subarray(channels).find((value) => value !== 0);
    if (leaked !== undefined) throw new RangeError(`A filled-up channel of row ${row} holds ${leaked}.`);
  }
  return values;
}

/** [..., rows, columns] -> [..., columns, rows] */
export function transposeLastAxes(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += rows * columns) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        result[start + column * rows + row] = values[start + row * columns + column] as number;
      }
    }
  }
  return result;
}
