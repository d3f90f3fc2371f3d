// What an OpenShell network section says once it is read: plain data, every part with its place in the source. Not trusted.

import type { TranslatedHost } from "./globs.js";

/** One entry of `network_policies`, or the network half of a provider profile. */
export type Entry = {
  readonly pointer: string;
  /** `path` patterns of ours; empty where the entry lists no binary. */
  readonly binaries: readonly string[];
  readonly endpoints: readonly Endpoint[];
};

/** One destination. `host` is undefined where any host goes, which OpenShell takes with `allowed_ips` only. */
export type Endpoint = {
  readonly pointer: string;
  readonly host: TranslatedHost | undefined;
  readonly ports: readonly number[];
  /** Canonical blocks, or undefined where `allowed_ips` is absent. */
  readonly blocks: readonly string[] | undefined;
  /** Provider instance that `credential_binding` names. */
  readonly provider: string | undefined;
  readonly layer: Layer;
};

/** `l4`: bytes of any kind (`bare` where no other key changes how it is inspected). `rest`: HTTP requests, each held to rules. */
export type Layer =
  | { readonly kind: "l4"; readonly bare: boolean }
  | {
      readonly kind: "rest";
      /** `route` patterns of the endpoint's own `path`. */
      readonly scope: readonly string[] | undefined;
      readonly grants: readonly Grant[];
      readonly denials: readonly RequestShape[];
    };

/** Which requests a rule is about. `methods` are upper case; `query` holds every constrained key. */
export type RequestShape = {
  readonly pointer: string;
  readonly methods: readonly string[] | "any";
  readonly routes: readonly string[];
  readonly query: readonly QueryConstraint[];
};

/** An allow rule; `review` is the reason where a person must agree. */
export type Grant = RequestShape & { readonly review: string | undefined };

/** A decoded query key, and the predicate of ours that one of its values meets. */
export type QueryConstraint = { readonly key: string; readonly value: QueryPredicate };

/** A predicate on one query value, as `atmost/1` writes it. */
export type QueryPredicate = { readonly [name: string]: string | readonly string[] };
