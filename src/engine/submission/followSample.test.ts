import { describe, expect, test } from 'vitest';
import { followSample } from './followSample.ts';
import type { SubmissionPredictions } from './predictionCells.ts';

const pets: SubmissionPredictions = {
  classes: ['cat', 'dog'],
  paths: ['test/1.jpg', 'test/2.jpg'],
  probabilities: Float32Array.from([0.25, 0.75, 1, 0]), // [2, 2]
};

describe('a sample is followed', () => {
  test('in its columns, ids and rows, and in their order', () => {
    const { text, shape, hasSuffix, problems } = followSample('name,dog,cat\n2,0.5,0.5\n1,0.5,0.5\n', pets, null);
    expect(text).toBe('name,dog,cat\n2,0,1\n1,0.75,0.25\n');
    expect([shape, hasSuffix, problems]).toEqual(['probabilities', false, []]);
  });

  test('in ids with a suffix, delimiter and line ends', () => {
    const { text, hasSuffix, problems } = followSample('id;cat;dog\r\n1.jpg;0;0\r\n2.jpg;0;0\r\n', pets, null);
    expect(text).toBe('id;cat;dog\r\n1.jpg;0.25;0.75\r\n2.jpg;1;0\r\n');
    expect([hasSuffix, problems]).toEqual([true, []]);
  });

  test('with one label', () => {
    expect(followSample('file,species\n1,cat\n2,cat\n', pets, null)).toEqual({
      text: 'file,species\n1,dog\n2,cat\n',
      shape: 'label',
      hasSuffix: false,
      summary: 'The most probable class of each picture; ids without the ending of the file’s name.',
      problems: [],
    });
  });

  test('with tags, where pictures have any number of labels', () => {
    const { text, shape, problems } = followSample('image_name,tags\n1,cat dog\n2,cat dog\n', pets, [0.2, 0.2]);
    expect(text).toBe('image_name,tags\n1,cat dog\n2,cat\n');
    expect([shape, problems]).toEqual(['tags', []]);
  });

  test('with classes that are numbers', () => {
    const digits = { ...pets, classes: ['0', '7'] };
    expect(followSample('ImageId,Label\n1,0\n2,0\n', digits, null).text).toBe('ImageId,Label\n1,7\n2,0\n');
  });

  test('with the lesson’s dogs and cats, whose one number is the probability of the second class', () => {
    const { text, summary, problems } = followSample('id,label\n1,0.5\n2,0.5\n', pets, null);
    expect(text).toBe('id,label\n1,0.75\n2,0\n');
    expect(summary).toContain('The probability of “dog”');
    expect(problems).toEqual([]);
  });

  test('with one number in a column that has a class’s name', () => {
    expect(followSample('id,cat\n1,0\n2,0\n', pets, null).text).toBe('id,cat\n1,0.25\n2,1\n');
  });

  test('letter by letter: nothing is changed for spreadsheets', () => {
    const dashed = { ...pets, classes: ['=cat', 'dog'], paths: ['-x_.jpg', '=y.jpg'] };
    expect(followSample('id,=cat,dog\n-x_,0,0\n=y,0,0\n', dashed, null)).toMatchObject({
      text: 'id,=cat,dog\n-x_,0.25,0.75\n=y,1,0\n',
      problems: [],
    });
  });
});

describe('what the sample and the pictures do not share', () => {
  test('is said: pictures that are missing keep the sample’s row, others are left out', () => {
    const { text, problems } = followSample('id,cat,dog\n9,0.5,0.5\n1,0.5,0.5\n', pets, null);
    expect(text).toBe('id,cat,dog\n9,0.5,0.5\n1,0.25,0.75\n');
    expect(problems).toEqual([
      'The sample asks for pictures that are not here: 9. Their rows keep the sample’s own values.',
      'The sample does not ask for these pictures, so they are left out: test/2.jpg.',
    ]);
  });

  test('is said of a picture’s name in two folders', () => {
    const twice = { ...pets, paths: ['a/1.jpg', 'b/1.jpg'] };
    const { text, problems } = followSample('id,cat,dog\n1,0.5,0.5\n', twice, null);
    expect(text).toBe('id,cat,dog\n1,0.5,0.5\n');
    expect(problems).toEqual(['Ids fit more than one picture: 1. Their rows keep the sample’s own values.']);
  });

  test('is said of classes', () => {
    const { text, problems } = followSample('id,cat,emu\n1,0.5,0.5\n2,0.5,0.5\n', pets, null);
    expect(text).toBe('id,cat,emu\n1,0.25,0\n2,1,0\n');
    expect(problems).toEqual([
      'The network knows no class of these names, so their columns hold 0: emu.',
      'The sample has no column for these classes, so they are left out: dog.',
      'Rows whose probabilities do not add up to 1: 1.',
    ]);
  });
});

test('probabilities of several labels need not add up to 1', () => {
  const both = { ...pets, probabilities: Float32Array.from([0.5, 1, 1, 1]) };
  expect(followSample('id,cat,dog\n1,0,0\n2,0,0\n', both, [0.5, 0.5]).problems).toEqual([]);
});

test('a network that answered with no numbers is noticed', () => {
  const broken = { ...pets, probabilities: Float32Array.from([Number.NaN, Number.NaN, 1, 0]) };
  expect(followSample('id,cat,dog\n1,0,0\n2,0,0\n', broken, null).problems).toEqual([
    'Rows have cells that are no numbers: 1.',
  ]);
});

test('a sample whose shape cannot be told is refused with what to do', () => {
  expect(() => followSample('', pets, null)).toThrow('no rows to follow');
  expect(() => followSample('id,cat,dog\n', pets, null)).toThrow('no rows to follow');
  expect(() => followSample('id,emu,owl\n1,0,0\n', pets, null)).toThrow('(emu, owl) is one of your classes (cat, dog)');
  const three = { classes: ['a', 'b', 'c'], paths: ['1.jpg'], probabilities: new Float32Array(3) };
  expect(() => followSample('id,label\n1,0.5\n', three, null)).toThrow('with 3 classes it is not clear');
});
