// Draws small sets of pictures on disk that any network tells apart: each class is one shape in one colour, and every
// picture differs in place and size. The same pictures every time.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Resvg } from '@resvg/resvg-js';

/** A circle, a square or a triangle inside the unit square. */
const shapes = {
  circles: '<circle cx=".5" cy=".5" r=".5" fill="#c0392b"/>',
  squares: '<rect width="1" height="1" fill="#2455a4"/>',
  triangles: '<polygon points=".5,0 1,1 0,1" fill="#2e8b57"/>',
};

export type ShapeName = keyof typeof shapes;
export const shapeNames: readonly ShapeName[] = ['circles', 'squares', 'triangles'];

/** @returns a PNG of `sizePx` × `sizePx`; `variant` moves and scales the shape. */
export function drawShape(shape: ShapeName, variant: number, sizePx: number): Uint8Array {
  const side = 0.4 + 0.08 * (variant % 5);
  const left = (1 - side) * ((variant * 7) % 11) * 0.1;
  const top = (1 - side) * ((variant * 5) % 11) * 0.1;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1" fill="#f4f1ea"/>
    <g transform="translate(${left} ${top}) scale(${side})">${shapes[shape]}</g></svg>`;
  return new Resvg(svg, { fitTo: { mode: 'width', value: sizePx }, font: { loadSystemFonts: false } }).render().asPng();
}

export interface TinyDatasetSize {
  readonly classNames?: readonly ShapeName[];
  readonly trainPerClass?: number;
  readonly validPerClass?: number;
  readonly sizePx?: number;
}

export interface TinyPicture {
  /** With `/`, inside the data set's folder. */
  readonly path: string;
  readonly png: Uint8Array;
}

/** The pictures of a tiny data set with `train/CLASS` and `valid/CLASS`. */
export function drawTinyDataset(size: TinyDatasetSize = {}): readonly TinyPicture[] {
  const { classNames = shapeNames, trainPerClass = 8, validPerClass = 4, sizePx = 72 } = size;
  return classNames.flatMap((shape) =>
    Array.from({ length: trainPerClass + validPerClass }, (_, variant) => ({
      path: `${variant < trainPerClass ? 'train' : 'valid'}/${shape}/${variant}.png`,
      png: drawShape(shape, variant, sizePx),
    })),
  );
}

/** Writes a tiny data set into `folder` and returns the folder. */
export function writeTinyDataset(folder: string, size: TinyDatasetSize = {}): string {
  for (const picture of drawTinyDataset(size)) writePicture(path.join(folder, picture.path), picture.png);
  return folder;
}

export function writePicture(file: string, content: Uint8Array | string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}
