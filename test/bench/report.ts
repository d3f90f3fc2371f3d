// What the sections of the benchmark say, and the one table that they make. Benchmark code, not trusted.

/** One line of the table. */
export type Row = {
  /** Number of the target that it belongs to. */
  readonly target: number;
  readonly what: string;
  readonly median?: string;
  readonly p99?: string;
  /** How many times cheaper than each opponent in the same run, by name; or what else is compared. */
  readonly against?: string;
  readonly note?: string;
  /** The figures themselves, by name with the unit last, for `--json`. */
  readonly figures: Readonly<Record<string, number | string | boolean | null>>;
};

/** Whether a target is met, and the figure that says so. `not_measured` where a part is not there. */
export type Judgement = {
  readonly target: number;
  readonly goal: string;
  readonly met: "met" | "not met" | "not measured";
  readonly figure: string;
};

/** What one section found. */
export type SectionResult = { readonly rows: readonly Row[]; readonly judgements: readonly Judgement[] };

/** What a section is given. */
export type Settings = {
  readonly seed: number;
  /** Runs fewer of everything: for a look while working, never for the published table. */
  readonly quick: boolean;
  /** Runs all of what is otherwise sampled. */
  readonly full: boolean;
  /** Folder of the built product. */
  readonly dist: string;
  /** Folder of the bundled benchmark: its workers and child processes are in it. */
  readonly built: string;
  /** Tells a person what is being done. */
  readonly say: (line: string) => void;
};

/** A section of the benchmark: the targets it measures. */
export type Section = {
  readonly targets: readonly number[];
  readonly title: string;
  readonly run: (settings: Settings) => Promise<SectionResult>;
};

const columns = ["#", "what", "median", "p99", "against", "note"] as const;

const lineOf = (cells: readonly string[], widths: readonly number[]): string =>
  `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;

function tableOf(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...body.map((cells) => cells[i]?.length ?? 0)));
  return [
    lineOf(head, widths),
    lineOf(
      widths.map((width) => "-".repeat(width)),
      widths,
    ),
    ...body.map((cells) => lineOf(cells, widths)),
  ].join("\n");
}

/** Returns the table of all rows, and below it each target with met or not met. */
export function renderTables(rows: readonly Row[], judgements: readonly Judgement[]): string {
  const body = rows.map((row) => [String(row.target), row.what, row.median ?? "", row.p99 ?? "", row.against ?? "", row.note ?? ""]);
  const targets = judgements.map(({ target, goal, met, figure }) => [String(target), goal, met, figure]);
  return `${tableOf([...columns], body)}\n\n${tableOf(["target", "goal", "result", "figure"], targets)}`;
}
