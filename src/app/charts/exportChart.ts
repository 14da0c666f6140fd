// Turns the drawn charts of a figure into one SVG that stands on its own (colours written out), or into a PNG.

const inlinedProperties = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'opacity',
] as const;
const svgNamespace = 'http://www.w3.org/2000/svg';

export interface StandaloneSvg {
  readonly text: string;
  readonly widthPx: number;
  readonly heightPx: number;
}

function inlineStyles(source: Element, copy: Element): void {
  const style = getComputedStyle(source);
  for (const property of inlinedProperties) {
    const value = style.getPropertyValue(property);
    if (value) copy.setAttribute(property, value);
  }
  for (const [index, child] of Array.from(source.children).entries()) {
    const childCopy = copy.children[index];
    if (childCopy) inlineStyles(child, childCopy);
  }
}

/** Stacks the figure's charts in one SVG, on the page's own ground. Null when nothing is drawn. */
export function chartToSvg(figure: HTMLElement): StandaloneSvg | null {
  const drawings = Array.from(figure.querySelectorAll<SVGSVGElement>('svg.plotDrawing'));
  if (drawings.length === 0) return null;
  const sheet = document.createElementNS(svgNamespace, 'svg');
  let heightPx = 0;
  let widthPx = 0;
  for (const drawing of drawings) {
    const copy = drawing.cloneNode(true) as SVGSVGElement; // A clone has its original's type.
    inlineStyles(drawing, copy);
    copy.setAttribute('y', String(heightPx));
    widthPx = Math.max(widthPx, drawing.clientWidth);
    heightPx += drawing.clientHeight;
    sheet.append(copy);
  }
  const ground = document.createElementNS(svgNamespace, 'rect');
  ground.setAttribute('width', '100%');
  ground.setAttribute('height', '100%');
  ground.setAttribute('fill', getComputedStyle(document.body).backgroundColor);
  sheet.prepend(ground);
  sheet.setAttribute('xmlns', svgNamespace);
  sheet.setAttribute('viewBox', `0 0 ${widthPx} ${heightPx}`);
  sheet.setAttribute('width', String(widthPx));
  sheet.setAttribute('height', String(heightPx));
  return { text: new XMLSerializer().serializeToString(sheet), widthPx, heightPx };
}

/** Draws the figure's charts at twice their size. Null when nothing is drawn. */
export async function chartToPng(figure: HTMLElement): Promise<Blob | null> {
  const svg = chartToSvg(figure);
  if (!svg) return null;
  const image = new Image(svg.widthPx * 2, svg.heightPx * 2);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg.text)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d')?.drawImage(image, 0, 0, image.width, image.height);
  return new Promise((resolve) => {
    canvas.toBlob(resolve, 'image/png');
  });
}
