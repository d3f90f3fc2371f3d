// The rules by which the kernel accepts a certificate, one by one: small proofs written by hand, and each thing that spoils them.
import { describe, expect, test } from "vitest";
import { delegableView, type ParsedPolicy, type Subject, verifyCertificate } from "../../prover/index.js";
import { parsed } from "../property/support.js";

const policy = (rules: readonly { readonly [key: string]: unknown }[], more: { readonly [key: string]: unknown } = {}): ParsedPolicy =>
  parsed({ language: "atmost/1", name: "p", version: "1", rules: rules.map((rule, at) => ({ id: `r${at}`, ...rule })), ...more });

type Tables = { readonly conditions?: readonly unknown[]; readonly lemmas?: readonly unknown[]; readonly nodes?: readonly unknown[] };

const certificateOf = (lower: Subject, upper: Subject, { conditions = [], lemmas = [], nodes = [] }: Tables, relation = "contained") => ({
  certificate: "atmost-certificate/1",
  language: "atmost/1",
  relation,
  lower: { sha256: lower.loaded.sha256, view: lower.loaded.view },
  upper: { sha256: upper.loaded.sha256, view: upper.loaded.view },
  counts: { conditions: conditions.length, lemmas: lemmas.length, nodes: nodes.length },
  conditions,
  lemmas,
  nodes,
});

const [T, F, U] = [1, 2, 4];
const less = { condition: { n: { lt: 5 } } };
const atMost = { condition: { n: { lte: 5 } } };
const action = { condition: { action: ["x"] } };
const permits = { of: "lower", list: 0, permits: true };

// n < 5 is below n <= 5: split on the first; where it is not true the lower policy denies, where it is the second is true by a lemma.
const lower = policy([{ effect: "allow", action: "x", when: { n: { lt: 5 } } }]);
const upper = policy([{ effect: "allow", action: "x", when: { n: { lte: 5 } } }]);
const tables = {
  conditions: [permits, less, atMost],
  lemmas: [
    [
      [1, T],
      [2, F + U],
    ],
  ],
  nodes: [{ cases: 0 }, { by: [0], leaf: "upper_permits" }],
};
const check = (changed: Tables, relation = "contained") =>
  verifyCertificate(certificateOf(lower, upper, { ...tables, ...changed }, relation), lower, upper);
const refusal = (changed: Tables, relation?: string): string => {
  const checked = check(changed, relation);
  return checked.kind === "refused" ? checked.reason : "accepted";
};

test("a proof by cases and a lemma is accepted, and says what it proves and how large it is", () => {
  expect(check({})).toEqual({ kind: "accepted", relation: "contained", nodes: 2 });
  expect(check({}, "review")).toEqual({ kind: "accepted", relation: "review", nodes: 2 });
});

test("the same proof by a split is accepted", () => {
  const nodes = [{ split: 1, into: [T, F + U] }, { by: [0], leaf: "upper_permits" }, { leaf: "lower_denies" }];
  // The action is still open in the first branch: the upper rule is not known to match.
  expect(refusal({ nodes })).toBe("a leaf does not hold");
  const conditions = [...tables.conditions, action];
  expect(check({ conditions, nodes: [{ split: 3, into: [T, F] }, ...nodes, { leaf: "lower_denies" }] }).kind).toBe("accepted");
});

describe("is refused", () => {
  const cases: readonly (readonly [string, Tables])[] = [
    ["without a node", { nodes: [] }],
    ["without the branch of a case", { nodes: [{ cases: 0 }] }],
    ["with a branch too many", { nodes: [...tables.nodes, { leaf: "lower_denies" }] }],
    ["with a second root", { nodes: [...tables.nodes, ...tables.nodes] }],
    ["with a leaf that claims the impossible", { nodes: [{ cases: 0 }, { by: [0], leaf: "impossible" }] }],
    ["with a leaf that claims a deny below", { nodes: [{ cases: 0 }, { by: [0], leaf: "lower_denies" }] }],
    ["with a leaf that claims an ask below", { nodes: [{ cases: 0 }, { by: [0], leaf: "lower_asks" }] }],
    ["with a leaf that knows no reason", { nodes: [{ cases: 0 }, { by: [0], leaf: "trust_me" }] }],
    ["without its lemma", { nodes: [{ cases: 0 }, { leaf: "upper_permits" }] }],
    ["with a lemma that does not apply yet", { nodes: [{ by: [0], cases: 0 }, { leaf: "upper_permits" }] }],
    ["with a lemma of another number", { nodes: [{ cases: 0 }, { by: [1], leaf: "upper_permits" }] }],
    ["with a leaf that is a split too", { nodes: [{ cases: 0 }, { by: [0], leaf: "upper_permits", split: 1, into: [7] }] }],
    ["with a split into nothing", { nodes: [{ cases: 0 }, { by: [0], split: 1, into: [] }] }],
    ["with a split that leaves unknown out", { nodes: [{ split: 1, into: [T, F] }, { leaf: "upper_permits" }, { leaf: "lower_denies" }] }],
    ["with a split without truths", { nodes: [{ split: 1 }, { leaf: "lower_denies" }] }],
    [
      "with truths without a split",
      {
        nodes: [
          { cases: 0, into: [T] },
          { by: [0], leaf: "upper_permits" },
        ],
      },
    ],
    ["with cases of an atom", { nodes: [{ cases: 1 }, { leaf: "lower_denies" }] }],
    [
      "with a split on that some rule permits",
      { nodes: [{ split: 0, into: [T, F + U] }, { leaf: "upper_permits" }, { leaf: "lower_denies" }] },
    ],
    ["with cases of what the upper policy permits", { conditions: [{ ...permits, of: "upper" }, less, atMost] }],
    ["with a rule that there is not", { conditions: [{ of: "lower", list: 0, rule: 1 }, less, atMost] }],
    ["with a list that there is not", { conditions: [{ ...permits, list: 1 }, less, atMost] }],
    ["with a condition that is none", { conditions: [permits, { condition: { n: { less: 5 } } }, atMost] }],
    ["with an unknown key in a condition", { conditions: [permits, { ...less, of: "lower", why: 1 }, atMost] }],
    [
      "with a lemma that says nothing false",
      {
        lemmas: [
          [
            [1, T],
            [2, T],
          ],
        ],
      },
    ],
    [
      "with a lemma that is only nearly false",
      {
        lemmas: [
          [
            [1, F],
            [2, F + U],
          ],
        ],
      },
    ],
    ["with an empty lemma", { lemmas: [[]] }],
    [
      "with a lemma about some rule",
      {
        lemmas: [
          [
            [0, T],
            [2, F + U],
          ],
        ],
      },
    ],
    [
      "with a lemma about all truths",
      {
        lemmas: [
          [
            [1, T],
            [2, 7],
          ],
        ],
      },
    ],
    [
      "with a lemma about no truth",
      {
        lemmas: [
          [
            [1, 0],
            [2, F + U],
          ],
        ],
      },
    ],
    [
      "with a literal of three parts",
      {
        lemmas: [
          [
            [1, T, T],
            [2, F + U],
          ],
        ],
      },
    ],
    ["with a literal of one part", { lemmas: [[[1], [2, F + U]]] }],
  ];
  for (const [how, changed] of cases) test(how, () => expect(check(changed).kind).toBe("refused"));

  for (const index of [-1, 0.5, 3, 2 ** 32, Number.NaN, "1", "length", null, [1], true])
    test(`with the index ${JSON.stringify(index)}`, () => {
      expect(check({ nodes: [{ cases: index }, { by: [0], leaf: "upper_permits" }] }).kind).toBe("refused");
      expect(
        check({
          lemmas: [
            [
              [index, T],
              [2, F + U],
            ],
          ],
        }).kind,
      ).toBe(index === 1 ? "accepted" : "refused");
      expect(check({ nodes: [{ cases: 0 }, { by: [index], leaf: "upper_permits" }] }).kind).toBe("refused");
    });

  for (const truths of [-1, 0, 7, 8, 1.5, "1", null, [1]])
    test(`with the truths ${JSON.stringify(truths)} in a split`, () => {
      expect(check({ nodes: [{ split: 1, into: [truths, 6] }, { leaf: "upper_permits" }, { leaf: "lower_denies" }] }).kind).toBe("refused");
    });

  test("with a key missing, or one more, at the root", () => {
    const whole: { readonly [key: string]: unknown } = certificateOf(lower, upper, tables);
    for (const key of Object.keys(whole)) {
      const { [key]: _dropped, ...rest } = whole;
      expect(verifyCertificate(rest, lower, upper).kind).toBe("refused");
    }
    expect(verifyCertificate({ ...whole, signature: "" }, lower, upper).kind).toBe("refused");
  });
});

test("containment is not proved where only the review is", () => {
  const asks = policy([{ effect: "ask", action: "x" }]);
  const allows = policy([{ effect: "allow", action: "x" }]);
  const nodes = [{ cases: 0 }, { leaf: "upper_permits" }];
  const of = (relation: string) =>
    verifyCertificate(certificateOf(allows, asks, { conditions: [permits], nodes }, relation), allows, asks).kind;
  expect([of("review"), of("contained")]).toEqual(["accepted", "refused"]);
  const both = (leaf: string) =>
    verifyCertificate(certificateOf(asks, asks, { conditions: [permits], nodes: [{ cases: 0 }, { leaf }] }), asks, asks).kind;
  expect([both("lower_asks"), both("upper_permits"), both("lower_denies")]).toEqual(["accepted", "refused", "refused"]);
});

test("a proof of decisions is refused where a limit is greater below", () => {
  const rules = [{ effect: "allow", action: "x" }];
  const [deep, flat] = [policy(rules, { limits: { depth: 1 } }), policy(rules)];
  const nodes = [{ cases: 0 }, { leaf: "upper_permits" }];
  const of = (below: ParsedPolicy, above: ParsedPolicy) =>
    verifyCertificate(certificateOf(below, above, { conditions: [permits], nodes }), below, above).kind;
  expect([of(flat, deep), of(deep, deep), of(deep, flat)]).toEqual(["accepted", "accepted", "refused"]);
});

test("an expiry that only the upper policy has is part of what must be proved", () => {
  const rules = [{ effect: "allow", action: "x" }];
  const [always, once] = [policy(rules), policy(rules, { limits: { expires: "2026-12-01T00:00:00Z" } })];
  const nodes = [{ cases: 0 }, { leaf: "upper_permits" }];
  expect(verifyCertificate(certificateOf(always, once, { conditions: [permits], nodes }), always, once).kind).toBe("refused");
  const denied = { of: "lower", list: 0, rule: 1 };
  const split = [{ split: 0, into: [T + U, F] }, { leaf: "lower_denies" }, { cases: 1 }, { leaf: "upper_permits" }];
  expect(verifyCertificate(certificateOf(once, once, { conditions: [denied, permits], nodes: split }), once, once).kind).toBe("accepted");
});

test("a view is another subject than its policy: both lists must permit, and its certificate says that it is one", () => {
  const whole = policy([{ effect: "allow", action: "**" }], {
    delegation: { rules: [{ id: "d", effect: "allow", action: "x" }] },
    limits: { depth: 1 },
  });
  const view = delegableView(whole);
  const narrow = policy([{ effect: "allow", action: "x" }]);
  const of = (list: number, below: Subject) =>
    verifyCertificate(
      certificateOf(below, narrow, {
        conditions: [{ of: "lower", list, permits: true }],
        nodes: [{ cases: 0 }, { leaf: "upper_permits" }],
      }),
      below,
      narrow,
    ).kind;
  expect([of(1, view), of(0, view), of(0, whole)]).toEqual(["accepted", "refused", "refused"]);
});
