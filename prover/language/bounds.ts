// The named maxima of input documents. Not trusted: the kernel keeps bounds of its own on what it reads.

/** The largest policy document: bytes of UTF-8, of the text as given or of the canonical form of a value. */
export const documentBytesMax = 1_048_576;
/** The largest request, bytes of UTF-8. */
export const requestBytesMax = 65_536;
/** The deepest nesting of arrays and objects; the document itself is the first level. */
export const nestingMax = 32;
/** The most rules in one list of rules. */
export const rulesMax = 10_000;
/** The longest name or version, UTF-16 code units: an attestation names the policies that it is about. */
export const nameUnitsMax = 4_096;
/** The longest pattern, bytes of UTF-8. */
export const patternBytesMax = 4_096;
/** The most patterns in one list. No longer list can expand to few enough states, each pattern taking one at least. */
export const patternsMax = 8_192;
/** The most significant digits of a number that a policy compares with. */
export const significantDigitsMax = 15;
/** The most digits of an amount of money. */
export const amountDigitsMax = 30;
/** The most problems that are told of one document. */
export const problemsMax = 1_000;
/** The most lexical tokens of a YAML text: it bounds the time that reading takes. */
export const yamlTokensMax = 500_000;
/** The deepest stack of the YAML reader: more than any document within `nestingMax` needs. */
export const yamlStackMax = 100;
/** The longest text that the canonicalising helpers read, UTF-16 code units. */
export const canonicaliseUnitsMax = 65_536;
