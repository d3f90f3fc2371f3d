// The shape of a policy document, as a type for those who write policies in code. Not trusted: it says nothing of what is inside a text.

/** A value that `eq` and `in` compare with. */
export type ScalarLiteral = null | boolean | number | string;
/** One pattern, or a list of which any may match. */
export type PatternList = string | readonly string[];

/** The predicates of one field, or of the elements of an array: all that are given are required, and one at least is. */
export type PredicatesDocument = {
  readonly eq?: ScalarLiteral;
  readonly in?: readonly ScalarLiteral[];
  readonly prefix?: PatternList;
  readonly suffix?: PatternList;
  readonly contains?: PatternList;
  readonly glob?: PatternList;
  readonly matches?: PatternList;
  readonly path?: PatternList;
  readonly host?: PatternList;
  readonly route?: PatternList;
  readonly url?: PatternList;
  readonly cidr?: PatternList;
  readonly lt?: number;
  readonly lte?: number;
  readonly gt?: number;
  readonly gte?: number;
  readonly before?: string;
  readonly after?: string;
  readonly each?: ElementsDocument;
  readonly some?: ElementsDocument;
  readonly keys?: { readonly only?: readonly string[]; readonly has?: readonly string[] };
  readonly present?: boolean;
};

/** What `each` and `some` ask of the elements of an array. */
export type ElementsDocument = PredicatesDocument | { readonly where: ConditionDocument };

/** A condition: fields and their predicates, and the combinators, all required. */
export type ConditionDocument = {
  readonly all?: readonly ConditionDocument[];
  readonly any?: readonly ConditionDocument[];
  readonly not?: ConditionDocument;
  readonly [field: string]: PredicatesDocument | ConditionDocument | readonly ConditionDocument[] | undefined;
};

/** A rule. `reviewers` stands on `ask` only. */
export type RuleDocument = {
  readonly id: string;
  readonly effect: "allow" | "ask" | "deny";
  readonly action: PatternList;
  readonly when?: ConditionDocument;
  readonly unless?: ConditionDocument;
  readonly because?: string;
  readonly reviewers?: readonly string[];
};

/** What a policy grants besides actions. Absent: `expires` never, the others nothing. */
export type LimitsDocument = {
  readonly expires?: string;
  readonly depth?: number | "unlimited";
  readonly children?: number | "unlimited";
  readonly spend?: "unlimited" | { readonly [currency: string]: string };
};

/** A policy of the language `atmost/1`. */
export type PolicyDocument = {
  readonly $schema?: string;
  readonly language: "atmost/1";
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly template?: { readonly name: string; readonly version: string };
  readonly rules: readonly RuleDocument[];
  readonly delegation?: "none" | "all" | { readonly rules: readonly RuleDocument[] };
  readonly limits?: LimitsDocument;
};
