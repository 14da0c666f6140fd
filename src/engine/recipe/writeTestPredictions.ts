// What was last predicted of the test pictures -> a file to hand in.

import { EngineError } from '../../protocol/errors.ts';
import type { Submission, SubmissionOrder } from '../../protocol/submission.ts';
import { composeAfterSample, composeInShape } from '../submission/composeSubmission.ts';
import type { StudioState } from './studioState.ts';

/** A sample has a row for each picture; what is larger is another file. */
const MAX_SAMPLE_BYTES = 200e6;

/** Throws EngineError 'preconditionMissing' before a prediction, 'settingInvalid' or 'datasetLayout' where the form does not fit. */
export async function writeTestPredictions(
  { dataset, testPredictions }: StudioState,
  { form, thresholds }: SubmissionOrder,
): Promise<Submission> {
  if (!dataset || !testPredictions) {
    throw new EngineError(
      'preconditionMissing',
      'There are no predictions of test pictures to write yet. Run “Predict the test pictures” first.',
    );
  }
  const { name, labelKind } = dataset.summary;
  const { classes } = testPredictions;
  const isTags = labelKind === 'tags';
  if (isTags !== (thresholds !== null) || (thresholds && thresholds.length !== classes.length)) {
    throw new EngineError(
      'settingInvalid',
      isTags
        ? `Each of the ${classes.length} tags takes a threshold. Nothing was written.`
        : 'Only tags take thresholds, and each of these pictures is of one class. Nothing was written.',
    );
  }
  if (form.kind === 'shape' && form.shape === 'tags' && !isTags) {
    throw new EngineError(
      'settingInvalid',
      'Each of these pictures is of one class, so there are no tags to write. Choose another shape.',
    );
  }
  const source = { ...testPredictions, labelKind };
  if (form.kind === 'shape') {
    return { ...composeInShape(form, source, thresholds), fileName: `${name}-${form.shape}.csv` };
  }
  if (form.file.size > MAX_SAMPLE_BYTES) {
    throw new EngineError(
      'datasetLayout',
      'This sample is larger than 200 MB, so it seems to hold more than a row for each picture. Nothing was written.',
    );
  }
  const sample = new TextDecoder().decode(new Uint8Array(await form.file.arrayBuffer()));
  return { ...composeAfterSample(sample, source, thresholds), fileName: `${name}-submission.csv` };
}
