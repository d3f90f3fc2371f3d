// Endpoints of one policy that meet on the same host and port. Not trusted.
// A plain L4 endpoint gives way to a REST endpoint for the same connection: OpenShell then inspects it, and L4 has no rules to
// allow a request by. Where the endpoints that meet would resolve addresses differently, or an L4 endpoint carries settings of its
// own, which of them wins depends on their order in its runtime: that is refused, not guessed.

import { hostsMayOverlap } from "./globs.js";
import { type Report, refuse } from "./reader.js";
import type { Endpoint, Entry } from "./shape.js";

/** An endpoint with the entry whose binaries it is open to. */
export type Placement = { readonly entry: Entry; readonly endpoint: Endpoint };

/** Most endpoints in one policy; they are compared two by two. */
export const ENDPOINTS_MAX = 1_000;

/** Returns every endpoint with its entry, after refusing pairs whose meaning depends on an order. */
export function placeEndpoints(report: Report, entries: readonly Entry[]): readonly Placement[] {
  const placements = entries.flatMap((entry) => entry.endpoints.map((endpoint) => ({ entry, endpoint })));
  if (placements.length > ENDPOINTS_MAX) {
    refuse(report, "too_large", "", `${placements.length} endpoints are too many`, { expected: `at most ${ENDPOINTS_MAX}` });
    return [];
  }
  for (const [index, left] of placements.entries()) {
    for (const right of placements.slice(index + 1)) refusePair(report, left.endpoint, right.endpoint);
  }
  return placements;
}

function refusePair(report: Report, left: Endpoint, right: Endpoint): void {
  if (!meet(left, right)) return;
  const other = { expected: `endpoints like \`${left.pointer}\`, or ones that do not meet` };
  if (addressMode(left) !== addressMode(right)) {
    refuse(
      report,
      "ambiguous_overlap",
      right.pointer,
      `meets \`${left.pointer}\` on a host and port, and the two reach different addresses`,
      other,
    );
  }
  if (left.layer.kind === right.layer.kind) return;
  for (const endpoint of [left, right]) {
    if (endpoint.layer.kind === "l4" && !endpoint.layer.bare) {
      refuse(
        report,
        "ambiguous_overlap",
        endpoint.pointer,
        "an L4 endpoint with settings of its own meets a rest endpoint on a host and port",
        other,
      );
    }
  }
}

/** Returns the REST endpoints that OpenShell inspects instead where they meet the L4 endpoint. */
export function inspectedInstead(placement: Placement, all: readonly Placement[]): readonly Placement[] {
  if (placement.endpoint.layer.kind !== "l4") return [];
  return all.filter(({ endpoint }) => endpoint.layer.kind === "rest" && meet(placement.endpoint, endpoint));
}

function meet(left: Endpoint, right: Endpoint): boolean {
  return left.ports.some((port) => right.ports.includes(port)) && hostsMayOverlap(left.host, right.host);
}

function addressMode({ host, blocks }: Endpoint): string {
  if (blocks !== undefined) return blocks.join(" ");
  return host?.kind === "exact" ? "any" : "no internal";
}
