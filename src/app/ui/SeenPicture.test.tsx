// @vitest-environment happy-dom
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendEvents, startNewLog } from '../store/eventLog.ts';
import { initialStudio, studioStore } from '../store/studio.ts';
import { smallRun } from '../testing/smallRun.ts';
import { PictureViewer } from './PictureViewer.tsx';
import { insetOfSeenPart } from './SeenPicture.tsx';

describe('what the network sees of a picture', () => {
  it('is the largest square in its middle, or all of it', () => {
    expect(insetOfSeenPart({ widthPx: 400, heightPx: 200 }, 'centreSquare')).toEqual({
      insetInline: '25%',
      insetBlock: '0%',
    });
    expect(insetOfSeenPart({ widthPx: 200, heightPx: 250 }, 'centreSquare')).toEqual({
      insetInline: '0%',
      insetBlock: '10%',
    });
    expect(insetOfSeenPart({ widthPx: 200, heightPx: 200 }, 'centreSquare')).toBeNull();
    expect(insetOfSeenPart({ widthPx: 400, heightPx: 200 }, 'squashed')).toBeNull();
  });
});

describe('the viewer', () => {
  const [first] = smallRun.dataset.pictures;
  const picture = { id: first?.id ?? 0, path: first?.path ?? '', captions: ['ant'] };
  const wide = {
    ...smallRun.dataset,
    pictures: smallRun.dataset.pictures.map((each) => ({ ...each, widthPx: 300, heightPx: 200 })),
  };
  const show = () => render(<PictureViewer pictures={[picture]} index={0} onMove={() => {}} onClose={() => {}} />);

  beforeEach(() => {
    startNewLog();
    studioStore.setState({ ...initialStudio(), dataset: wide, files: new Map([[picture.path, new Blob(['x'])]]) });
  });
  afterEach(cleanup);

  it('draws the square on the uncropped picture once a network is chosen, and says so', () => {
    show();
    expect(screen.queryByTestId('seen-square')).toBeNull();
    expect(document.body.textContent).not.toContain('The network sees');
    cleanup();
    appendEvents([{ type: 'networkInput', imageSizePx: 224, square: 'centreSquare', atMs: 1 }]);
    show();
    expect(screen.getByTestId('seen-square').style.insetInline).toContain('16.66');
    expect(document.body.textContent).toContain('The network sees the square in its middle');
  });

  it('draws nothing on a picture that is squashed whole, but says it', () => {
    appendEvents([{ type: 'networkInput', imageSizePx: 224, square: 'squashed', atMs: 1 }]);
    show();
    expect(screen.queryByTestId('seen-square')).toBeNull();
    expect(document.body.textContent).toContain('squashed to a square');
  });
});
