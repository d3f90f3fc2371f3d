// Certificates that are no plain data: getters, proxies, arrays with methods of their own, shared and endless structures, wrong types.
// None of it makes the kernel accept what is false, throw, or work without an end.
import { expect, test } from "vitest";
import { certificateMax, type ParsedPolicy, verifyCertificate } from "../../prover/index.js";
import { parsed, testProver } from "../property/support.js";

// A second of the machine at rest, and room for one that is busy: what is held here is that time is bounded, not how short it is.
const SECONDS = 10_000;
// A million leaves where nobody counts them, and yet few lines of text.
const SHARED_LEVELS = 20;
// More leaves than anything could count.
const ENDLESS_LEVELS = 60;
const SHARED_ITEMS = 20_000;

const policy = (name: string, rules: readonly { readonly [key: string]: unknown }[]) =>
  parsed({ language: "atmost/1", name, version: "1", rules: rules.map((rule, at) => ({ id: `r${at}`, ...rule })) });

const everything = policy("everything", [{ effect: "allow", action: "**" }]);
const nothing = policy("nothing", []);
const asked = policy("asked", [{ effect: "ask", action: "**" }]);
const range = policy("range", [{ effect: "allow", action: "x", when: { n: { gte: 0, lte: 10 } } }]);
const halves = policy("halves", [
  { effect: "allow", action: "x", when: { n: { lte: 5 } } },
  { effect: "allow", action: "x", when: { n: { gt: 5 } } },
]);

type Loose = { [key: string]: unknown };

/** A certificate for a claim that is false, with tables that the test makes up. */
const forged = (
  tables: { readonly conditions?: unknown; readonly lemmas?: unknown; readonly nodes?: unknown },
  upper: ParsedPolicy = nothing,
): Loose => {
  const { conditions = [], lemmas = [], nodes = [{ leaf: "impossible" }] } = tables;
  const count = (list: unknown) => (Array.isArray(list) ? list.length : 0);
  return {
    certificate: "atmost-certificate/1",
    language: "atmost/1",
    relation: "contained",
    lower: { sha256: everything.sha256, view: false },
    upper: { sha256: upper.sha256, view: false },
    counts: { conditions: count(conditions), lemmas: count(lemmas), nodes: count(nodes) },
    conditions,
    lemmas,
    nodes,
  };
};

/** Checks a false claim: it must be refused, soon, and nothing may be thrown. */
function refused(certificate: unknown, upper: ParsedPolicy = nothing, mostMs = SECONDS): void {
  const started = performance.now();
  expect(verifyCertificate(certificate, everything, upper).kind).toBe("refused");
  expect(performance.now() - started).toBeLessThan(mostMs);
}

async function realCertificate(): Promise<Loose> {
  const result = await testProver().checkContainment(range, halves);
  if (result.kind !== "contained") throw new Error(result.kind);
  return JSON.parse(JSON.stringify(result.certificate));
}

const condition = { condition: { x: { eq: 1 } } };

/** A list whose own methods answer what they like. */
const lying = (items: readonly unknown[], methods: { readonly [name: string]: unknown }): unknown => Object.assign([...items], methods);

test("an array that brings its own `map` proves nothing", () => {
  const into = lying([1], { map: () => ({ reduce: () => 7, map: () => [], length: 0 }) });
  refused(forged({ conditions: [condition], nodes: [{ split: 0, into }] }));
  const noWays = lying([], { map: () => lying([], { reduce: () => 7 }) });
  refused(forged({ conditions: [condition], nodes: [{ split: 0, into: noWays }] }));
});

test("an array that brings its own `entries`, iterator, `some` or `length` proves nothing", () => {
  const none = () => [][Symbol.iterator]();
  refused(forged({ nodes: lying([0], { entries: none, [Symbol.iterator]: none }) }));
  refused(
    forged({
      conditions: [condition],
      lemmas: lying([[[0, 1]]], { map: () => [], some: () => false, [Symbol.iterator]: none }),
      nodes: [{ by: [0], leaf: "impossible" }],
    }),
  );
  const lemma = lying([[0, 1]], { map: () => [], length: 1 });
  refused(forged({ conditions: [condition], lemmas: [lemma], nodes: [{ by: [0], leaf: "impossible" }] }));
  refused(forged({ conditions: lying([condition], { map: () => [{ permits: [] }] }), nodes: [{ cases: 0 }] }));
  refused(forged({ nodes: [{ by: lying([], { [Symbol.iterator]: () => ({ next: () => ({ done: true }) }) }), leaf: "impossible" }] }));
});

test("a getter that answers differently each time proves nothing", () => {
  for (const answers of [
    ["review", "contained"],
    ["review", "review", "contained"],
    ["contained", "review"],
    ["contained", "contained", "review"],
  ]) {
    // True of these two is the review, and no more: `everything` is asked about above.
    const certificate = forged({ nodes: [{ leaf: "upper_permits" }] }, asked);
    let reads = 0;
    Object.defineProperty(certificate, "relation", { enumerable: true, get: () => answers[reads++ % answers.length] });
    const checked = verifyCertificate(certificate, everything, asked);
    if (checked.kind === "accepted") expect(checked.relation).toBe("review");
  }
  const shifting = { certificate: "atmost-certificate/1", length: 1 };
  let turns = 0;
  const certificate = forged({});
  Object.defineProperty(certificate, "nodes", { enumerable: true, get: () => (turns++ % 2 === 0 ? [{ leaf: "impossible" }] : [shifting]) });
  refused(certificate);
});

test("a relation that only looks like one is never given back", () => {
  for (const relation of [Object("contained"), ["contained"], { toString: () => "contained" }, Symbol("contained"), 1, undefined]) {
    expect(verifyCertificate({ ...forged({ nodes: [{ leaf: "upper_permits" }] }, asked), relation }, everything, asked).kind).toBe(
      "refused",
    );
  }
  const answers = ["review", "review", "bogus"];
  for (let skip = 0; skip < answers.length; skip++) {
    const certificate = forged({ nodes: [{ leaf: "upper_permits" }] }, asked);
    let reads = skip;
    Object.defineProperty(certificate, "relation", { enumerable: true, get: () => answers[reads++ % answers.length] });
    const checked = verifyCertificate(certificate, everything, asked);
    if (checked.kind === "accepted") expect(checked.relation).toBe("review");
  }
});

test("getters and traps that throw are refusals", async () => {
  const real = await realCertificate();
  const boom = (): never => {
    throw new Error("boom");
  };
  for (const key of Object.keys(real)) {
    const certificate = { ...real };
    Object.defineProperty(certificate, key, { enumerable: true, get: boom });
    expect(verifyCertificate(certificate, range, halves).kind).toBe("refused");
    const inner = new Proxy(Object(real[key]), {
      get: boom,
      ownKeys: boom,
      has: boom,
      getPrototypeOf: boom,
      getOwnPropertyDescriptor: boom,
    });
    expect(verifyCertificate({ ...real, [key]: inner }, range, halves).kind).toBe("refused");
  }
  for (const thrown of [null, undefined, 1, "text", {}, Symbol("s")]) {
    const hostile = new Proxy(real, {
      get: () => {
        throw thrown;
      },
      ownKeys: () => {
        throw thrown;
      },
    });
    expect(verifyCertificate(hostile, range, halves).kind).toBe("refused");
  }
  const { proxy, revoke } = Proxy.revocable(real, {});
  revoke();
  expect(verifyCertificate(proxy, range, halves).kind).toBe("refused");
});

test("proxies that answer everything are refused, and soon", () => {
  const endless: object = new Proxy(() => endless, {
    get: (_, key) => (key === Symbol.toPrimitive ? () => "x" : endless),
    ownKeys: () => [],
    apply: () => endless,
  });
  refused(endless);
  const record: object = new Proxy(
    {},
    {
      get: () => record,
      ownKeys: () => ["all"],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: record }),
    },
  );
  refused(record);
  refused(forged({ conditions: [{ condition: record }] }));
  const list: unknown[] = new Proxy<unknown[]>([], { get: (_, key) => (key === "length" ? 5 : list) });
  refused(forged({ conditions: list }));
  refused(forged({ lemmas: list }));
  refused(forged({ nodes: list }));
});

test("structures that share or contain themselves are refused in bounded time", () => {
  let shared: unknown = { x: { eq: 1 } };
  for (let i = 0; i < SHARED_LEVELS; i++) shared = { all: [shared, shared] };
  refused(forged({ conditions: [{ condition: shared }] }));
  const ring: Loose = {};
  ring["not"] = ring;
  refused(forged({ conditions: [{ condition: ring }] }));
  ring["all"] = [ring];
  refused(ring);
  const nodes: unknown[] = [];
  nodes.push(nodes);
  refused(forged({ nodes }));
});

// Found by an adversary: the text of such an object was written to its end, which took minutes, and then all memory.
test("an object of which the text has no end to speak of is refused in bounded time", () => {
  for (const leaf of [[], undefined]) {
    let shared: unknown = leaf;
    for (let i = 0; i < ENDLESS_LEVELS; i++) shared = i % 2 === 0 ? [shared, shared] : { a: shared, b: shared };
    refused(forged({ nodes: [shared] }));
  }
  const long = "x".repeat(10_000_000);
  refused(new Array(1_000).fill(long));
  refused(new Array(1_000).fill({ [long]: 1 }));
  const endless = lying([], {
    *[Symbol.iterator]() {
      for (;;) yield 1;
    },
  });
  refused(endless);
  // Its indices are what counts: there are none.
  refused(forged({ nodes: endless }));
});

test("one list that all lemmas or all nodes share is refused within ten seconds", () => {
  const conditions = [{ condition: { x: { in: [] } } }, condition];
  const literals = new Array(SHARED_ITEMS).fill([0, 1]);
  refused(forged({ conditions, lemmas: new Array(1_000).fill(literals) }), nothing, 10 * SECONDS);
  const by = new Array(SHARED_ITEMS).fill(0);
  const nodes = [...new Array(1_000).fill({ by, split: 1, into: [1, 6] }), { leaf: "lower_denies" }];
  refused(forged({ conditions, lemmas: new Array(SHARED_ITEMS).fill([[0, 1]]), nodes }), nothing, 10 * SECONDS);
});

test("arrays that are too long, or full of holes, are refused in bounded time", () => {
  const holes = (length: number): unknown[] => Object.assign([], { length });
  for (const length of [certificateMax.nodes + 1, 10_000_000, 2 ** 32 - 1]) {
    for (const name of ["conditions", "lemmas", "nodes"]) refused({ ...forged({}), [name]: holes(length) });
    refused(forged({ lemmas: [holes(length)] }));
    refused(forged({ conditions: [{ condition: { x: { in: holes(length) } } }] }));
    refused(forged({ conditions: [{ condition: { all: holes(length) } }] }));
    refused(forged({ conditions: [condition], nodes: [{ split: 0, into: holes(length) }] }));
    refused(forged({ nodes: [{ by: holes(length), leaf: "impossible" }] }));
  }
});

test("a wrong type in any place is refused, and never thrown", async () => {
  const wrong: readonly unknown[] = [
    ...[undefined, null, true, 0, -0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 1n, "", "0", "1", "length"],
    ...[
      Symbol("s"),
      () => 1,
      [],
      {},
      [[]],
      new Date(0),
      new Map(),
      new Set([1]),
      new Uint8Array(3),
      /x/,
      new Error("x"),
      Object(1),
      Object("x"),
      Object.create(null),
    ],
  ];
  const real = await realCertificate();
  const places: { readonly holder: Loose; readonly key: string }[] = [];
  const visit = (holder: unknown): void => {
    if (typeof holder !== "object" || holder === null) return;
    for (const key of Object.keys(holder)) {
      places.push({ holder: Object(holder), key });
      visit(Object(holder)[key]);
    }
  };
  visit(real);
  let accepted = 0;
  for (const { holder, key } of places)
    for (const value of wrong) {
      const before = holder[key];
      holder[key] = value;
      const checked = verifyCertificate(real, range, halves);
      // Where it is accepted, the claim is the one that was proved.
      if (checked.kind === "accepted") {
        accepted++;
        expect(["contained", "review"]).toContain(checked.relation);
      }
      holder[key] = before;
    }
  console.log(`${places.length} places, ${wrong.length} values each: ${accepted} times still a proof`);
  for (const value of wrong) expect(verifyCertificate(value, range, halves).kind).toBe("refused");
  expect(verifyCertificate(real, range, halves).kind).toBe("accepted");
});

test("what is only inherited is not in the certificate, and an object without a prototype is", async () => {
  const real = await realCertificate();
  expect(verifyCertificate(Object.create(real), range, halves).kind).toBe("refused");
  expect(verifyCertificate(Object.assign(Object.create(null), real), range, halves).kind).toBe("accepted");
});
