// Policies with their SHA-256: the kernel takes the hash from whoever calls it. Not trusted.
import { type Loaded, loadPolicy as loadWith } from "./kernel/index.js";
import { sha256Hex } from "./sha256.js";

/** Returns the policy that `document` states, or why it is none; with `view`, its delegable view. Never throws. */
export const loadPolicy = (document: unknown, view = false): Loaded => loadWith(document, sha256Hex, view);
