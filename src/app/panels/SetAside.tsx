// What is not used, and why: a small picture beside the reason where the file can be shown, a plain mark where it cannot.

import { useRef } from 'react';
import type { DatasetSummary } from '../../protocol/dataset.ts';
import { formatCount, formatCountOf } from '../ui/formatNumbers.ts';
import { PictureImage } from '../ui/PictureImage.tsx';
import { showText } from '../ui/showText.ts';
import { useVirtualRows } from '../ui/useVirtualRows.ts';

const estimatedRowPx = 53;

export function SetAside({ dataset }: { dataset: DatasetSummary }) {
  const { setAside, ignoredCount } = dataset;
  const list = useRef<HTMLUListElement>(null);
  const { indices, beforePx, afterPx, rowProps } = useVirtualRows(list, setAside.length, estimatedRowPx);
  if (setAside.length === 0 && ignoredCount === 0) return null;
  return (
    <section className="block" aria-labelledby="aside-title">
      <h2 id="aside-title">
        Set aside <span className="muted numbers">{formatCount(setAside.length)}</span>
      </h2>
      {setAside.length > 0 && (
        <ul className="setAside withPictures" data-testid="set-aside" ref={list}>
          {beforePx > 0 && <li role="presentation" className="unseenRows" style={{ height: beforePx }} />}
          {indices.map((index) => {
            const file = setAside[index];
            if (!file) return null;
            return (
              <li key={index} data-reason={file.reason} {...rowProps(index)}>
                <span className="asidePicture">
                  {file.isShowable ? (
                    <PictureImage path={file.path} description="" />
                  ) : (
                    <span aria-hidden="true">–</span>
                  )}
                </span>
                <code>{showText(file.path)}</code>
                <span>{showText(file.sentence)}</span>
              </li>
            );
          })}
          {afterPx > 0 && <li role="presentation" className="unseenRows" style={{ height: afterPx }} />}
        </ul>
      )}
      <p className="muted">
        {ignoredCount > 0 ? `${formatCountOf(ignoredCount, 'system file')} (such as .DS_Store) ignored by name. ` : ''}
        Nothing on your disk was changed.
      </p>
    </section>
  );
}
