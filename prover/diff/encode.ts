// A comparison as the JSON that crosses borders: snake_case keys. Not trusted.

import { encodeEvaluation } from "../encode.js";
import type { Json } from "../kernel/index.js";
import type { DiffItem, DiffResult, Region, RulePlace } from "./types.js";

type JsonObject = { readonly [key: string]: Json };

const encodePlace = ({ id, effect, pointer }: RulePlace): JsonObject => ({ id, effect, pointer });

const encodeRegion = ({ side, rule, action, when, unless, except }: Region): JsonObject => ({
  side,
  rule: encodePlace(rule),
  action,
  ...(when === undefined ? {} : { when }),
  ...(unless === undefined ? {} : { unless }),
  except: except.map(encodePlace),
});

const encodeItem = (item: DiffItem): JsonObject =>
  item.kind === "limit"
    ? { limit: item.limit, old: item.old, new: item.new, summary: item.summary }
    : {
        from: item.from,
        to: item.to,
        region: encodeRegion(item.region),
        request: item.request,
        old: encodeEvaluation(item.old),
        new: encodeEvaluation(item.new),
        summary: item.summary,
      };

/** Returns `{result, certificates?, items?, complete?, reason?}`. */
export function encodeDiff(result: DiffResult): JsonObject {
  switch (result.kind) {
    case "equivalent": {
      const { newWithinOld, oldWithinNew } = result.certificates;
      return { result: result.kind, certificates: { new_within_old: newWithinOld, old_within_new: oldWithinNew } };
    }
    case "differs":
      return {
        result: result.kind,
        complete: result.complete,
        ...(result.reason === undefined ? {} : { reason: result.reason }),
        items: result.items.map(encodeItem),
      };
    case "undecided":
      return { result: result.kind, reason: result.reason };
  }
}
