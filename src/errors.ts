// The one registry of error codes: what each means, the HTTP status it is answered with, the exit code the command line ends with.
// `docs/errors.md` is its table for people; a test holds the two, and the sources, to one another. Not trusted.

/** What the command line ends with: 0 contained or apply, 1 exceeds or reject, 2 bad input or usage, 3 undecided, 4 review or ask. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** One code. `message` says what it means, without a place or a value; `status` is an HTTP status; both hold no secret. */
export type ErrorEntry = { readonly message: string; readonly status: number; readonly exitCode: ExitCode };

const entry = (status: number, exitCode: ExitCode, message: string): ErrorEntry => ({ message, status, exitCode });
/** What is wrong with a document that somebody gave us. */
const input = (message: string): ErrorEntry => entry(400, 2, message);
/** What only the command line, or the start of the service, can meet: it never becomes an answer over HTTP but as our own fault. */
const local = (message: string): ErrorEntry => entry(500, 2, message);
/** Why a link is undecided: an outcome, so never an HTTP error. */
const outcome = (message: string): ErrorEntry => entry(200, 3, message);

/** Codes of the language's reader: a policy or a request is refused. */
const languageErrors = {
  amount_malformed: input("the amount is no exact decimal and not `unlimited`"),
  currency_malformed: input("the currency is not spelt as one"),
  duplicate_id: input("two rules of one list have the same id"),
  duplicate_key: input("a key stands twice in its object"),
  empty: input("something that must not be empty is"),
  field_malformed: input("the field is not spelt as one"),
  field_not_allowed: input("the field can not stand there"),
  invalid_value: input("the value is none of those that can stand there"),
  json_syntax: input("the text is not JSON"),
  kernel_refused: input("the kernel does not load the policy"),
  lone_surrogate: input("a text holds half of a surrogate pair"),
  missing_key: input("a key that is required is missing"),
  not_json: input("the value is none that JSON has"),
  not_supported: input("the document uses what is not supported yet"),
  number_not_finite: input("the number is not finite"),
  number_too_precise: input("the number has more digits than can be kept"),
  out_of_range: input("the number, or the number of items, is out of range"),
  pattern_malformed: input("the pattern breaks its grammar"),
  pattern_not_canonical: input("the pattern can match no canonical text"),
  pattern_too_complex: input("the pattern expands to too many states"),
  pattern_too_long: input("the pattern is too long"),
  request_too_large: entry(413, 2, "the request to judge is too large"),
  reviewers_without_ask: input("a rule that does not ask names reviewers"),
  time_malformed: input("the time is not RFC 3339, or finer than a millisecond"),
  too_deep: input("the document nests too deeply"),
  too_large: entry(413, 2, "the document is too large"),
  too_many_problems: input("there are more problems than are listed"),
  too_many_rules: input("a list has too many rules"),
  unknown_key: input("the key is not known there"),
  wrong_type: input("the value is of another type than is expected"),
  where_not_alone: input("the key `where` stands beside other keys"),
  yaml_not_json: input("the YAML text is nothing that JSON can say"),
  yaml_syntax: input("the text is not YAML"),
} as const;

/** Codes of the importers: a foreign policy can not be said in `atmost/1`. */
const importErrors = {
  ambiguous_glob: input("the foreign pattern has no one meaning"),
  ambiguous_overlap: input("foreign entries overlap in a way that has no one meaning"),
  home_required: input("the foreign policy needs a home directory to be named"),
  invalid_home: input("the home directory is no canonical absolute path"),
  invalid_server: input("the name of the server can not be part of an action"),
  invalid_workdir: input("the working directory is no canonical absolute path"),
  invalid_yaml: input("the foreign document is not YAML"),
  not_a_policy: input("the document is none of the foreign format"),
  not_canonical: input("the foreign text has no canonical form"),
  not_enforced: input("the foreign document says what its own runtime does not enforce"),
  server_required: input("the foreign policy needs a server to be named"),
  workdir_required: input("the foreign policy needs a working directory to be named"),
} as const;

/** Codes of signing: see `docs/attestation.md`. */
const signingErrors = {
  envelope_too_large: entry(413, 2, "the envelope is too large"),
  invalid_envelope: input("the document is no DSSE envelope"),
  invalid_key: local("the text is no Ed25519 key"),
  invalid_statement: input("the payload is no statement of a spawn check, or contradicts itself"),
  key_file_exists: local("the key file exists already"),
  key_file_permissions: local("others than the owner may use the key file"),
  key_file_unreadable: local("the key file can not be read"),
  key_file_unwritable: local("the key file can not be written"),
  no_trusted_key: local("there is no key, or are too many keys, to verify with"),
  payload_type_unsupported: input("the envelope holds another type of payload"),
  signature_invalid: input("no trusted key has signed the envelope"),
} as const;

/** Reasons why a link is undecided. None of them ever authorises anything. */
const undecidedReasons = {
  certificate_refused: outcome("the kernel did not accept the certificate that was found"),
  certificate_too_large: outcome("the certificate grew past its bound"),
  deadline: outcome("the time for the answer was over"),
  lint_bound: outcome("lint met the bound on its work"),
  mixed_theories: outcome("a field mixes predicates that are not decided together"),
  no_generation_left: outcome("the parent may spawn nothing more: no policy is within"),
  search_bound: outcome("the search met the bound on its work"),
  shutdown: outcome("the service stopped before there was an answer"),
  solver_deadline: outcome("the solver did not answer in time"),
  solver_failed: outcome("the solver died, hung or answered nonsense"),
  solver_overloaded: entry(503, 3, "the solver's queue was full"),
  solver_rlimit: outcome("the solver met the bound on its work"),
  theory_bound: outcome("a theory met the bound on its work"),
} as const;

/** Codes of the HTTP service. */
const httpErrors = {
  bad_http: entry(400, 2, "the message is not HTTP as this service reads it"),
  foreign_host: entry(421, 2, "the service does not answer for that host"),
  hash_mismatch: entry(400, 2, "the policy has another hash than its address names"),
  headers_too_large: entry(431, 2, "the header fields are too large"),
  internal: entry(500, 2, "something failed inside; the log knows it by the request's id"),
  invalid_json: entry(400, 2, "the body is not a JSON text that can be read"),
  invalid_request: entry(400, 2, "the body is not what is expected there"),
  invalid_utf8: entry(400, 2, "the body is not UTF-8"),
  method_not_allowed: entry(405, 2, "the method is not one of this address"),
  not_found: entry(404, 2, "there is nothing at this address"),
  overloaded: entry(503, 3, "the service has too much to do: try again later"),
  request_timeout: entry(408, 2, "the request did not arrive in time"),
  shutting_down: entry(503, 3, "the service is stopping"),
  unauthorized: entry(401, 2, "a bearer token that the service knows is needed"),
  unknown_policy: entry(400, 2, "no policy with that hash is held: put it again"),
  unsupported_encoding: entry(415, 2, "the body is encoded in a way that is not read"),
  unsupported_media_type: entry(415, 2, "the body is of another type than `application/json`"),
} as const;

/** Codes of starting the service. */
const serveErrors = {
  address_needs_tokens: local("an address that others can reach needs bearer tokens"),
  cannot_listen: local("the address can not be listened on"),
  invalid_address: local("the host or the port is none"),
  invalid_tokens: local("the token file holds a line that is no token, or none, or too many"),
  tokens_file_permissions: local("others than the owner may read the tokens"),
  tokens_file_unreadable: local("the token file can not be read"),
} as const;

/** Codes of claims files and of proving them: see `docs/prove.md`. */
const claimsErrors = {
  base_required: local("the claim compares with an old version, and none is named"),
  base_unreadable: local("the old version of the file can not be read from git"),
  duplicate_name: input("two claims of one file have the same name"),
  no_claims: local("there is no claims file at this place, or too many"),
  unknown_name: input("the name is none that the file gives a policy"),
} as const;

/** Codes of the command line. */
const cliErrors = {
  usage: local("the command line is not used as it must be"),
  bad_input: local("the input is refused; its problems say why"),
  file_unreadable: local("the file can not be read"),
  file_unwritable: local("the file can not be written"),
} as const;

/** Every error code of the project, by name. */
export const errors = {
  ...languageErrors,
  ...importErrors,
  ...signingErrors,
  ...undecidedReasons,
  ...httpErrors,
  ...serveErrors,
  ...claimsErrors,
  ...cliErrors,
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** A code of the registry. */
export type ErrorCode = keyof typeof errors;

/** Returns true iff `code` is one of the registry; own keys only, so `constructor` is none. */
export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errors, code);

/**
 * Returns what the registry says of `code`; of a code it does not know, what it says of `internal`: that is a bug of ours.
 * @example findError("unknown_policy").status === 400
 */
export const findError = (code: string): ErrorEntry => (isErrorCode(code) ? errors[code] : errors.internal);

/** The groups in the order of `docs/errors.md`, each with its codes. */
export const errorGroups: readonly { readonly name: string; readonly codes: readonly string[] }[] = [
  { name: "Documents of the language", codes: Object.keys(languageErrors) },
  { name: "Importers", codes: Object.keys(importErrors) },
  { name: "Signing", codes: Object.keys(signingErrors) },
  { name: "Undecided", codes: Object.keys(undecidedReasons) },
  { name: "HTTP", codes: Object.keys(httpErrors) },
  { name: "Starting the service", codes: Object.keys(serveErrors) },
  { name: "Claims", codes: Object.keys(claimsErrors) },
  { name: "Command line", codes: Object.keys(cliErrors) },
];
