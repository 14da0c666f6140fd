// TIFF, which browsers do not open: geotiff unpacks it, and what its numbers mean as colours is said here. Loaded only where there is a
// TIFF among the pictures; it needs no browser, so Node tests it. Decision 0021.

import { fromArrayBuffer, type GeoTIFFImage } from 'geotiff';
import { EngineError } from '../../../protocol/errors.ts';
import type { RgbaPixels } from '../../data/areaResize.ts';
import { MAX_PICTURE_PIXELS } from '../../data/readPictures.ts';
import { uprightPixels } from '../../data/uprightPixels.ts';
import { registerUnpackers, UNPACKED_COMPRESSIONS } from './tiffBlocks.ts';

/** TIFF 6.0, tag 262. */
const WHITE_IS_ZERO = 0;
const BLACK_IS_ZERO = 1;
const RGB = 2;
const PALETTE = 3;
const CMYK = 5;

/** Bands that a kind of colour has; one more is alpha where tag 338 says so. */
const BAND_COUNTS: Readonly<Record<number, number>> = {
  [WHITE_IS_ZERO]: 1,
  [BLACK_IS_ZERO]: 1,
  [RGB]: 3,
  [PALETTE]: 1,
  [CMYK]: 4,
};

/** TIFF 6.0, tag 338: 1 is alpha that colours are multiplied by already, 2 is alpha that they are not. */
const ASSOCIATED_ALPHA = 1;
const UNASSOCIATED_ALPHA = 2;

/** The first picture of the file, upright, as 8 bits a channel. Throws EngineError 'pictureUnreadable' or 'pictureUnsupported'. */
export async function decodeTiff(file: Blob): Promise<RgbaPixels> {
  const buffer = await file.arrayBuffer();
  registerUnpackers();
  try {
    const tiff = await fromArrayBuffer(buffer);
    const image = await tiff.getImage(0);
    // Where it lies in the file; older writers leave it out.
    const orientation: unknown = await image.fileDirectory.loadValue('Orientation');
    return uprightPixels(await readPixels(image, buffer.byteLength), typeof orientation === 'number' ? orientation : 1);
  } catch (thrown) {
    if (thrown instanceof EngineError) throw thrown;
    throw new EngineError(
      'pictureUnreadable',
      'The TIFF is damaged, cut short or packed in a way that cannot be read here. Save it as PNG.',
    );
  }
}

const BITS_PER_SAMPLE = 258;

async function readPixels(image: GeoTIFFImage, fileBytes: number): Promise<RgbaPixels> {
  // One bit is what TIFF 6.0 takes where a file says nothing, as faxes do; the library takes nothing.
  if (!image.fileDirectory.hasTag(BITS_PER_SAMPLE)) image.fileDirectory.actualizedFields.set(BITS_PER_SAMPLE, [1]);
  await checkClaims(image, fileBytes);
  const layout = await readLayout(image);
  const { bandCount, alpha } = layout;
  const widthPx = image.getWidth();
  const heightPx = image.getHeight();
  const samples = Array.from({ length: bandCount + (alpha === null ? 0 : 1) }, (_, band) => band);
  const values = await image.readRasters({ interleave: true, samples });
  const step = samples.length;
  if (values.length !== widthPx * heightPx * step) throw new RangeError('Some of the picture is missing.');
  const paint = await choosePaint(image, layout);
  const data = new Uint8ClampedArray(widthPx * heightPx * 4);
  for (let pixel = 0; pixel < widthPx * heightPx; pixel++) {
    paint(values, pixel * step, data, pixel * 4);
  }
  return { widthPx, heightPx, data };
}

/** To so many times its size a method can pack no picture: of deflate 1,032, of LZW's longest texts 4,095 bytes in 12 bits. */
const MOST_GROWTH = 2_800;

/** More strips than rows there are none; tiles are at least 16 pixels wide and high (TIFF 6.0, section 15). */
const MOST_BLOCKS = 2 ** 20;

/** Before anything is unpacked. Throws EngineError 'pictureUnsupported', RangeError for what cannot be. */
async function checkClaims(image: GeoTIFFImage, fileBytes: number): Promise<void> {
  const [width, height] = [image.getWidth(), image.getHeight()];
  if (!(width > 0 && height > 0 && width * height <= MAX_PICTURE_PIXELS))
    throw new RangeError('There is no picture of that size.');
  const compression = Number((await image.fileDirectory.loadValue('Compression')) ?? 1);
  if (!UNPACKED_COMPRESSIONS.includes(compression)) {
    throw refuse(
      `It is packed by a method that is not read here (number ${compression}). Save it as PNG, or as a TIFF with LZW.`,
    );
  }
  const bits = image.getSamplesPerPixel() * image.getBitsPerSample(0);
  if ((width * height * bits) / 8 > fileBytes * (compression === 1 ? 1 : MOST_GROWTH))
    throw new RangeError('The file is too short for its picture.');
  const [blockWidth, blockHeight] = [image.getTileWidth(), image.getTileHeight()];
  const blocks = Math.ceil(width / blockWidth) * Math.ceil(height / blockHeight);
  if (!(blockWidth > 0 && blockHeight > 0 && blockWidth * blockHeight <= MAX_PICTURE_PIXELS && blocks <= MOST_BLOCKS)) {
    throw new RangeError('There are no blocks of that size.');
  }
}

interface Layout {
  readonly colours: number;
  readonly bitsPerSample: number;
  /** Without alpha. */
  readonly bandCount: number;
  readonly alpha: 'associated' | 'unassociated' | null;
}

/** Throws EngineError 'pictureUnsupported' for what is no picture of colours. */
async function readLayout(image: GeoTIFFImage): Promise<Layout> {
  const { fileDirectory } = image;
  const colours: unknown = (await fileDirectory.loadValue('PhotometricInterpretation')) ?? BLACK_IS_ZERO;
  const bandCount = typeof colours === 'number' ? BAND_COUNTS[colours] : undefined;
  if (typeof colours !== 'number' || bandCount === undefined) {
    throw refuse('Its colours are stored in a way that cannot be read here. Save it as PNG.');
  }
  const found = image.getSamplesPerPixel();
  if (!Number.isInteger(found)) throw new RangeError('A number of bands is one number.');
  const extra = Number((await fileDirectory.loadValue('ExtraSamples'))?.[0] ?? 0);
  const hasAlpha = extra === ASSOCIATED_ALPHA || extra === UNASSOCIATED_ALPHA;
  if (found !== bandCount + (hasAlpha ? 1 : 0)) {
    throw refuse(
      `It has ${found} bands; a picture here has one, or three for red, green and blue. Save the bands that matter as PNG.`,
    );
  }
  const bitsPerSample = image.getBitsPerSample(0);
  const isWholeNumber = image.getSampleFormat(0) === 1;
  if (!isWholeNumber || bitsPerSample > 16) {
    throw refuse(
      `It holds ${bitsPerSample}-bit ${isWholeNumber ? '' : 'signed or fractional '}numbers, and how bright they are meant to be is not said. Save it as PNG with 8 or 16 bits.`,
    );
  }
  const alpha = !hasAlpha ? null : extra === ASSOCIATED_ALPHA ? 'associated' : 'unassociated';
  return { colours, bitsPerSample, bandCount, alpha };
}

const refuse = (why: string) => new EngineError('pictureUnsupported', `The TIFF cannot be used as it is. ${why}`);

/** Numbers of one pixel from `at` on -> its four channels. */
type Paint = (values: ArrayLike<number>, at: number, data: Uint8ClampedArray, into: number) => void;

async function choosePaint(image: GeoTIFFImage, { colours, bitsPerSample, bandCount, alpha }: Layout): Promise<Paint> {
  const most = 2 ** bitsPerSample - 1;
  const colour = await chooseColour(image, colours, most);
  return (values, at, data, into) => {
    colour(values, at, data, into);
    const opacity = alpha === null ? 1 : (values[at + bandCount] as number) / most;
    data[into + 3] = Math.round(255 * opacity);
    if (alpha !== 'associated' || opacity === 0) return;
    for (let channel = 0; channel < 3; channel++) data[into + channel] = (data[into + channel] as number) / opacity;
  };
}

/** Bytes are rounded and clamped by the array that they are written to. */
async function chooseColour(image: GeoTIFFImage, colours: number, most: number): Promise<Paint> {
  const scale = 255 / most;
  switch (colours) {
    case WHITE_IS_ZERO:
      return (values, at, data, into) => data.fill((most - (values[at] as number)) * scale, into, into + 3);
    case BLACK_IS_ZERO:
      return (values, at, data, into) => data.fill((values[at] as number) * scale, into, into + 3);
    case PALETTE:
      return paintByPalette((await image.fileDirectory.loadValue('ColorMap')) ?? [], most + 1);
    case CMYK:
      return (values, at, data, into) => {
        const light = 1 - (values[at + 3] as number) / most;
        for (let band = 0; band < 3; band++) data[into + band] = (most - (values[at + band] as number)) * scale * light;
      };
    default:
      return (values, at, data, into) => {
        for (let band = 0; band < 3; band++) data[into + band] = (values[at + band] as number) * scale;
      };
  }
}

/** Sixteen bits for each red, then each green, then each blue. */
function paintByPalette(palette: ArrayLike<number>, colourCount: number): Paint {
  if (palette.length < 3 * colourCount) throw new RangeError('The palette is too short.');
  return (values, at, data, into) => {
    for (let band = 0; band < 3; band++) {
      data[into + band] = (palette[band * colourCount + (values[at] as number)] as number) / 257;
    }
  };
}
