// The bounds and choices of the command line that are needed before any command is loaded. Not trusted.

/** The longest deadline that can be asked for, milliseconds: the longest that the prover keeps. */
export const deadlineMsMax = 600_000;

/** How `prove` writes its answers. */
export const proveFormats = ["text", "json", "junit", "sarif", "github"] as const;
/** The most claims that `prove` has under way at one time. */
export const jobsMax = 64;
