// Recipes as data: the rail draws them, the session runs them. All structured-cloneable.

export type SettingValue = number | string | boolean;
export type SettingValues = Readonly<Record<string, SettingValue>>;

interface OptionBase {
  readonly id: string;
  readonly label: string;
  /** One sentence: what it changes and when to change it. */
  readonly help: string;
  /** Where it plays a part only while another option of the same step, which plays one itself, has one of these values. */
  readonly onlyWhen?: { readonly optionId: string; readonly isOneOf: readonly SettingValue[] };
  /** The step's pictures look different for it: a preview of them follows it. */
  readonly changesLooks?: true;
}

/** One setting of a step, described so that a form can be drawn without knowing the step. */
export type OptionSpec =
  | (OptionBase & {
      readonly kind: 'number';
      readonly default: number;
      readonly min: number;
      readonly max: number;
      readonly isInteger: boolean;
      readonly scale: 'linear' | 'log';
      readonly unit?: string;
      /**
       * It divides the rate of the group behind it, towards the result, for its own. The options of a step that say so, that
       * next to the result first, are shown together: a bar for each group and one slider for all of them.
       */
      readonly dividesRate?: { readonly group: string; readonly behind: string };
      /** Values worth a button. */
      readonly presets?: readonly { readonly value: number; readonly label: string }[];
    })
  | (OptionBase & {
      readonly kind: 'choice';
      readonly default: string;
      readonly choices: readonly { readonly value: string; readonly label: string }[];
      /** Its choices are the catalogue's networks: those whose weights are here now, whatever they are. */
      readonly choosesNetwork?: true;
    })
  | (OptionBase & { readonly kind: 'toggle'; readonly default: boolean });

/** What a step does; the session maps every verb to a function, exhaustively. */
export type StepVerb =
  | 'prepareFeatures'
  /** Without features: for recipes that train on pictures from the start. */
  | 'chooseNetwork'
  /** On the head alone, with cached features. */
  | 'findLearningRate'
  | 'trainHead'
  /** The head behind the frozen network, with changing pictures. */
  | 'trainHeadOnPictures'
  /** On the network as it is frozen now, with changing pictures. */
  | 'findNetworkRate'
  | 'trainOnPictures'
  | 'unfreeze'
  | 'setRates'
  /** Goes on at another picture size with what is trained, frozen again up to the new layers. */
  | 'changeSize'
  /** What is trained so far judges the validation pictures by several looks at each. */
  | 'testTimeAugmentation'
  /** What is trained so far says what the pictures of the test folder are. */
  | 'predictTest';

export interface RecipeStep {
  readonly id: string;
  /** 1-based place on the rail. */
  readonly number: number;
  readonly verb: StepVerb;
  /** Plain verb first: 'Find a learning rate'. */
  readonly title: string;
  /** The lesson's own name: 'lr_find()'. */
  readonly lessonName: string;
  /** What it does and why, two sentences. */
  readonly why: string;
  /** What to look for in its result. */
  readonly lookFor: string;
  /** Ids of steps that must be done before this one can run. */
  readonly needs: readonly string[];
  /** Ids of steps that it can do without, but whose newer run makes its result an old one. */
  readonly outdatedBy?: readonly string[];
  /** It is about the pictures of a test folder: without one, a run of all steps passes over it. */
  readonly needsTestPictures?: boolean;
  readonly options: readonly OptionSpec[];
}

export interface Recipe {
  readonly id: string;
  readonly label: string;
  readonly steps: readonly RecipeStep[];
}
