// One picture of a grid or viewer, with the lines under it.

export interface GridPicture {
  readonly id: number;
  readonly path: string;
  /** Lines under the picture, most important first. */
  readonly captions: readonly string[];
}
