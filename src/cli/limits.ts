// The bounds of the command line that are needed before any command is loaded. Not trusted.

/** The longest deadline that can be asked for, milliseconds: the longest that the prover keeps. */
export const deadlineMsMax = 600_000;
