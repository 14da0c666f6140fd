// A square of pixels from the engine, as a picture.

import { useEffect, useRef } from 'react';

interface PixelCanvasProps {
  /** [sizePx, sizePx, 4], red green blue and opaque. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  readonly sizePx: number;
  readonly description: string;
}

export function PixelCanvas({ pixels, sizePx, description }: PixelCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(pixels, sizePx, sizePx), 0, 0);
  }, [pixels, sizePx]);
  return <canvas ref={canvas} className="pixels" width={sizePx} height={sizePx} role="img" aria-label={description} />;
}
