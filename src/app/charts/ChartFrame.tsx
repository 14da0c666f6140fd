// A figure round a chart: its name, and its export as CSV, SVG and PNG.

import { type ReactNode, useRef } from 'react';
import { downloadBlob } from '../ui/download.ts';
import { chartToPng, chartToSvg } from './exportChart.ts';

interface ChartFrameProps {
  readonly title: string;
  /** Without ending. */
  readonly fileName: string;
  readonly csv: () => string;
  readonly children: ReactNode;
}

export function ChartFrame({ title, fileName, csv, children }: ChartFrameProps) {
  const figure = useRef<HTMLElement>(null);

  async function savePng() {
    const png = figure.current && (await chartToPng(figure.current));
    if (png) downloadBlob(png, `${fileName}.png`);
  }
  function saveSvg() {
    const svg = figure.current && chartToSvg(figure.current);
    if (svg) downloadBlob(new Blob([svg.text], { type: 'image/svg+xml' }), `${fileName}.svg`);
  }

  return (
    <figure className="chartFrame" ref={figure}>
      <figcaption>
        <span>{title}</span>
        <fieldset className="exports">
          <legend className="visuallyHidden">Save “{title}”</legend>
          <button
            type="button"
            className="quiet"
            onClick={() => downloadBlob(new Blob([csv()], { type: 'text/csv' }), `${fileName}.csv`)}
          >
            CSV
          </button>
          <button type="button" className="quiet" onClick={saveSvg}>
            SVG
          </button>
          <button type="button" className="quiet" onClick={() => void savePng()}>
            PNG
          </button>
        </fieldset>
      </figcaption>
      {children}
    </figure>
  );
}
