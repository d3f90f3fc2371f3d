// The bounds of `prove`. Past any of them the input is refused by a code, never cut short. Not trusted.

/** The most claims of one file. */
export const claimsMax = 10_000;
/** The most claims files of one run. */
export const claimsFilesMax = 1_000;
/** The deepest folder below a given path that is looked into. */
export const foldersDeepMax = 32;
/** The most entries of folders that one search looks at. */
export const entriesMax = 200_000;
/** The most requests of one claim that are shown and kept. */
export const witnessesMax = 5;
/** The largest file of saved certificates, bytes. */
export const savedBytesMax = 134_217_728;
