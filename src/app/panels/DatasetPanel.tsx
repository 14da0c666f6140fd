// Step 0: what was found in the folder. Counts, sizes, pictures, the split, what was set aside, and warnings in order of harm.

import { memo, useMemo, useState } from 'react';
import type { DatasetSummary, Split, SplitOrigin } from '../../protocol/dataset.ts';
import { ClassCountBars } from '../charts/ClassCountBars.tsx';
import { meanTagCount, nameLabels, selectPictures, splitTotals } from '../charts/datasetQueries.ts';
import { SizeHistogram } from '../charts/SizeHistogram.tsx';
import { TagCountBars } from '../charts/TagCountBars.tsx';
import { selectPlace } from '../store/settings.ts';
import { useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { formatCount, formatCountOf } from '../ui/formatNumbers.ts';
import type { GridPicture } from '../ui/gridPicture.ts';
import { PictureGrid } from '../ui/PictureGrid.tsx';
import { showText } from '../ui/showText.ts';
import { LeakedPairs } from './LeakedPairs.tsx';
import { NothingValidates } from './NothingValidates.tsx';
import { SetAside } from './SetAside.tsx';
import { SplitSettings } from './SplitSettings.tsx';
import { useSituation } from './useSituation.ts';

export const DatasetPanel = memo(function DatasetPanel() {
  const dataset = useStudio((state) => state.dataset);
  const [classIndex, setClassIndex] = useState<number | null>(null);
  const [split, setSplit] = useState<Split | null>(null);
  if (!dataset) return null;
  const isTags = dataset.labelKind === 'tags';
  return (
    <>
      <div className="stageHead">
        <p className="stageNumber">Data</p>
        <h1>{showText(dataset.name)}</h1>
        <p className="why">{describeDataset(dataset)}</p>
      </div>
      {dataset.splitOrigin.kind === 'all' && <NothingValidates isTrained={false} />}
      <GoToFirstStep />
      <Warnings dataset={dataset} />
      <LeakedPairs dataset={dataset} />
      <section className="block" aria-labelledby="counts-title">
        <h2 id="counts-title">{isTags ? 'Pictures with each tag' : 'Pictures in each class'}</h2>
        <ClassCountBars
          key={dataset.labelKind}
          counts={dataset.counts}
          selected={classIndex}
          onSelect={setClassIndex}
          isTags={isTags}
        />
      </section>
      {isTags && (
        <section className="block" aria-labelledby="tag-counts-title">
          <h2 id="tag-counts-title">Tags of a picture</h2>
          <TagCountBars pictures={dataset.pictures} />
        </section>
      )}
      <Gallery
        dataset={dataset}
        classIndex={classIndex}
        split={split}
        onSplit={setSplit}
        onAllClasses={() => setClassIndex(null)}
      />
      <section className="block" aria-labelledby="sizes-title">
        <h2 id="sizes-title">Picture sizes</h2>
        <SizeHistogram pictures={dataset.pictures} />
      </section>
      <section className="block" aria-labelledby="split-title">
        <h2 id="split-title">Split and seed</h2>
        <SplitSettings dataset={dataset} />
      </section>
      <SetAside dataset={dataset} />
    </>
  );
});

/** @returns the data set in a sentence. */
export function describeDataset(dataset: DatasetSummary): string {
  const totals = splitTotals(dataset.pictures);
  const testCount = selectPictures(dataset, null, 'test').length;
  const test = testCount > 0 ? `, ${formatCount(testCount)} in the test folder` : '';
  const how = describeOrigin(dataset.splitOrigin);
  const valid = dataset.splitOrigin.kind === 'all' ? 'none' : formatCount(totals.valid);
  return `${formatCountOf(dataset.pictures.length, 'picture')} ${describeLabels(dataset)}: ${formatCount(totals.train)} to learn from, ${valid} to check with${test}, ${how}.`;
}

function describeLabels({ labelKind, classes, pictures }: DatasetSummary): string {
  if (labelKind === 'oneClass') return `in ${formatCountOf(classes.length, 'class', 'classes')}`;
  return `with ${formatCountOf(classes.length, 'tag')}, ${meanTagCount(pictures).toFixed(1)} each`;
}

function describeOrigin(origin: SplitOrigin): string {
  if (origin.kind === 'folders') return 'as the folders say';
  if (origin.kind === 'all') return 'everything is learnt from';
  return origin.kind === 'fold' ? `fold ${origin.fold + 1} of those that the seed draws` : 'drawn by the seed';
}

function GoToFirstStep() {
  const { next } = useSituation();
  const isRunning = useStudio((state) => state.runningStepId !== null);
  if (!next || isRunning) return null;
  return (
    <div className="actionRow">
      <ActionButton isPrimary onPress={() => selectPlace(next.id)} testId="next-step">
        Go to step {next.number}: {next.title}
      </ActionButton>
    </div>
  );
}

function Warnings({ dataset }: { dataset: DatasetSummary }) {
  if (dataset.warnings.length === 0) return null;
  return (
    <section className="block warnings" aria-labelledby="warnings-title">
      <h2 id="warnings-title">Worth knowing</h2>
      <ol>
        {dataset.warnings.map((warning) => (
          <li key={`${warning.code} ${warning.sentence}`} data-code={warning.code}>
            {showText(warning.sentence)}
          </li>
        ))}
      </ol>
    </section>
  );
}

interface GalleryProps {
  readonly dataset: DatasetSummary;
  readonly classIndex: number | null;
  readonly split: Split | null;
  readonly onSplit: (split: Split | null) => void;
  readonly onAllClasses: () => void;
}

function Gallery({ dataset, classIndex, split, onSplit, onAllClasses }: GalleryProps) {
  const offered: readonly (Split | null)[] =
    selectPictures(dataset, null, 'test').length > 0 ? [null, 'train', 'valid', 'test'] : [null, 'train', 'valid'];
  const pictures = useMemo(
    () =>
      selectPictures(dataset, classIndex, split).map<GridPicture>((picture) => ({
        id: picture.id,
        path: picture.path,
        captions: [
          nameLabels(picture, dataset, 'unlabelled'),
          `${picture.split}, ${picture.widthPx} × ${picture.heightPx}`,
        ],
      })),
    [dataset, classIndex, split],
  );
  const all = dataset.labelKind === 'tags' ? 'All tags' : 'All classes';
  const className = classIndex === null ? all : (dataset.classes[classIndex] ?? '');
  return (
    <section className="block" aria-labelledby="gallery-title">
      <div className="blockHead">
        <h2 id="gallery-title">
          {className} <span className="muted numbers">{formatCount(pictures.length)}</span>
        </h2>
        <div className="chips">
          {classIndex !== null && (
            <button type="button" className="quiet" onClick={onAllClasses}>
              {all}
            </button>
          )}
          <fieldset className="segments">
            <legend className="visuallyHidden">Which pictures</legend>
            {offered.map((one) => (
              <button key={one ?? 'all'} type="button" aria-pressed={split === one} onClick={() => onSplit(one)}>
                {one ?? 'all'}
              </button>
            ))}
          </fieldset>
        </div>
      </div>
      <PictureGrid
        pictures={pictures}
        label={`Pictures: ${className}`}
        captionLines={dataset.labelKind === 'tags' ? 2 : 1}
      />
    </section>
  );
}
