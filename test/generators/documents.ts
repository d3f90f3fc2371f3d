// Documents of `atmost/1` as plain JSON. Test code.

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/** One rule of a policy, as plain JSON. */
export type RuleDocument = {
  readonly id: string;
  readonly effect: "allow" | "ask" | "deny";
  readonly action: string | readonly string[];
  readonly when?: JsonObject;
  readonly unless?: JsonObject;
  readonly because?: string;
};

/** The limits of a policy, as plain JSON. */
export type LimitsDocument = {
  readonly expires?: string;
  readonly depth?: number | "unlimited";
  readonly children?: number | "unlimited";
  readonly spend?: JsonObject;
};

/** A policy document of `atmost/1`, as plain JSON. */
export type PolicyDocument = {
  readonly language: "atmost/1";
  readonly name: string;
  readonly version: string;
  readonly rules: readonly RuleDocument[];
  readonly delegation?: "none" | "all" | { readonly rules: readonly RuleDocument[] };
  readonly limits?: LimitsDocument;
};
