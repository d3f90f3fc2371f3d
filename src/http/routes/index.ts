// Every route of the service.

import type { Route } from "../context.js";
import { diffRoute } from "./diff.js";
import { evaluateRoute } from "./evaluate.js";
import { getPolicyRoute } from "./get-policy.js";
import { healthzRoute } from "./healthz.js";
import { lintRoute } from "./lint.js";
import { metricsRoute } from "./metrics.js";
import { narrowRoute } from "./narrow.js";
import { openApiRoute } from "./openapi.js";
import { putPolicyRoute } from "./put-policy.js";
import { readyzRoute } from "./readyz.js";
import { spawnCheckRoute } from "./spawn-check.js";

/** Every route, in the order of the OpenAPI document. */
export const routes: readonly Route[] = [
  spawnCheckRoute,
  evaluateRoute,
  diffRoute,
  narrowRoute,
  lintRoute,
  putPolicyRoute,
  getPolicyRoute,
  healthzRoute,
  readyzRoute,
  metricsRoute,
  openApiRoute,
];
