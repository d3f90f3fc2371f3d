// Rows 15 and 16 of the table of cases that others get wrong, with 300 routes. Benchmark code, not trusted.

/** How many routes one of the two policies has. */
export const routesCount = 300;

/** A pair, and its answer. */
export type RouteCase = {
  readonly row: number;
  readonly lower: string;
  readonly upper: string;
  readonly expected: "contained" | "exceeds";
};

const policyText = (name: string, routes: readonly string[]): string =>
  JSON.stringify({
    language: "atmost/1",
    name,
    version: "1",
    rules: routes.map((route, i) => ({ id: `r${i}`, effect: "allow", action: "net:http", when: { route: { route } } })),
  });

/** Returns row 15 and row 16, with other names in each run, so that nothing that an earlier one left behind helps. */
export function routeCases(run: number): readonly RouteCase[] {
  const stem = `route${"abcdefghij"[run % 10]}${run}x`;
  const many = (middle: string) => Array.from({ length: routesCount }, (_, i) => `/${stem}${i}${middle}/**/tail*`);
  const one = [`/${stem}*/**/tail*`];
  return [
    { row: 15, lower: policyText("lower", one), upper: policyText("upper", many("")), expected: "exceeds" },
    { row: 16, lower: policyText("lower", many("/x")), upper: policyText("upper", one), expected: "contained" },
  ];
}
