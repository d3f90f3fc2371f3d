// The shape of one thing that is wrong with a document somebody gave us. Not trusted: the kernel loads policies on its own.

/** One problem in an input document. `code` is a key of the registry in `src/errors.ts`; `pointer` is an RFC 6901 JSON Pointer. */
export type Problem = {
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
  readonly expected?: string;
  readonly got?: string;
  readonly nearest?: string;
};
