// What an IAM policy decides of a request, written again from AWS's documentation for the tests: no code of the importer, and none of
// the kernel. Requests are as AWS sees them: keys and actions in any case, values with their types, several values as a list.

export type IamValue = string | number | boolean | readonly (string | number)[];
export type IamRequest = { readonly action: string; readonly resource: string; readonly keys: Readonly<Record<string, IamValue>> };
type Raw = string | number | boolean;
export type IamStatement = {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Principal?: "*" | Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Raw | readonly Raw[]>>>>;
};

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

// What a wildcard may stand for: `free`, anything; `parts`, within the first five parts of an ARN no colon; `segments`, no colon, unless
// it is a `*` that ends what stands between two colons.
type Reach = "free" | "parts" | "segments";

/** Matches by going through both texts. */
function wild(pattern: string, text: string, reach: Reach, colons = 0): boolean {
  if (pattern === "") return text === "";
  const literal = /^\$\{([*?$])\}/.exec(pattern);
  if (literal) return text.startsWith(literal[1] ?? "") && wild(pattern.slice(4), text.slice(1), reach, colons);
  const [head = ""] = pattern;
  const runsOn = reach === "segments" ? /^\*+(?::|$)/.test(pattern) : reach === "free" || colons >= 5;
  const free = (character: string) => runsOn || character !== ":";
  const [first] = text;
  if (head === "*") {
    if (wild(pattern.slice(1), text, reach, colons)) return true;
    return first !== undefined && free(first) && wild(pattern, text.slice(first.length), reach, colons);
  }
  if (first === undefined || (head === "?" ? !free(first) : head !== first)) return false;
  return wild(pattern.slice(head.length), text.slice(first.length), reach, colons + (first === ":" ? 1 : 0));
}

const addressOf = (text: string): readonly number[] | undefined => {
  if (text.includes(".")) return text.split(".").map(Number);
  const [left = "", right] = text.split("::");
  const groups = (half: string) => (half === "" ? [] : half.split(":").map((group) => Number.parseInt(group, 16)));
  const [head, tail] = [groups(left), groups(right ?? "")];
  const all = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
  return all.flatMap((group) => [group >> 8, group & 255]);
};
function inBlock(block: string, text: string): boolean {
  const [base = "", length] = block.split("/");
  const [network, address] = [addressOf(base) ?? [], addressOf(text) ?? []];
  if (network.length !== address.length) return false;
  const bits = (bytes: readonly number[]) => bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const kept = length === undefined ? network.length * 8 : Number(length);
  return bits(network).slice(0, kept) === bits(address).slice(0, kept);
}

const instant = (value: Raw): number => {
  const text = String(value);
  return /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text.includes("T") ? text : `${text}T00:00:00Z`);
};
const order: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  Equals: (left, right) => left === right,
  LessThan: (left, right) => left < right,
  LessThanEquals: (left, right) => left <= right,
  GreaterThan: (left, right) => left > right,
  GreaterThanEquals: (left, right) => left >= right,
};

/** Whether one value of a request is what a positive operator asks for. */
function meets(operator: string, policy: Raw, value: Raw): boolean {
  const text = String(policy);
  switch (operator) {
    case "StringEquals":
      return value === text.replace(/\$\{([*?$])\}/g, "$1");
    case "StringEqualsIgnoreCase":
      return String(value).toLowerCase() === text.toLowerCase();
    case "StringLike":
      return wild(text, String(value), "free");
    case "ArnEquals":
    case "ArnLike":
      return wild(text, String(value), "parts");
    case "IpAddress":
      return inBlock(text, String(value));
    case "Bool":
      return String(value) === text;
    default: {
      const [, family = "", comparison = ""] = /^(Numeric|Date)(.+)$/.exec(operator) ?? [];
      const compare = order[comparison];
      if (compare === undefined) throw new Error(`operator ${operator}`);
      return compare(Number(value), family === "Date" ? instant(policy) : Number(policy));
    }
  }
}

function holds(name: string, key: string, policies: readonly Raw[], request: IamRequest): boolean {
  const found = Object.entries(request.keys).find(([each]) => each.toLowerCase() === key.toLowerCase());
  if (name === "Null") return policies.some((value) => String(value) === String(found === undefined));
  const [, set, rest = "", optional] = /^(?:(ForAllValues|ForAnyValue):)?(.+?)(IfExists)?$/.exec(name) ?? [];
  const negated = rest.includes("Not");
  const positive = rest.replace("Not", "");
  if (found === undefined) return optional !== undefined || set === "ForAllValues" || (negated && set === undefined);
  const values = listOf<Raw>(found[1]);
  const one = (value: Raw) => policies.some((policy) => meets(positive, policy, value)) !== negated;
  return set === "ForAllValues" ? values.every(one) : values.some(one);
}

const names = (list: string | readonly string[] | undefined, text: string, reach: Reach = "free") =>
  listOf(list).some((pattern) => wild(pattern, text, reach));

function isPrincipal(principal: NonNullable<IamStatement["Principal"]>, { keys }: IamRequest): boolean {
  if (principal === "*") return true;
  return Object.entries(principal).some(([kind, list]) =>
    listOf(list).some((who) => {
      if (kind === "Service") return keys["aws:PrincipalServiceName"] === who;
      const account = /^(\d{12})$|^arn:aws:iam::(\d{12}):root$/.exec(who);
      if (account) return keys["aws:PrincipalAccount"] === (account[1] ?? account[2]);
      return who === "*" || keys["aws:PrincipalArn"] === who;
    }),
  );
}

function applies(statement: IamStatement, request: IamRequest): boolean {
  const { Action, NotAction, Resource, NotResource, Principal, Condition = {} } = statement;
  const lower = (list: string | readonly string[] | undefined) => listOf(list).map((text) => text.toLowerCase());
  const action = request.action.toLowerCase();
  if (Action !== undefined && !names(lower(Action), action)) return false;
  if (NotAction !== undefined && names(lower(NotAction), action)) return false;
  // AWS says that wildcards stand within the segments of an ARN. Where one may cross, an allow does not count on it, and a deny does.
  const [of, but] = statement.Effect === "Allow" ? (["segments", "free"] as const) : (["free", "segments"] as const);
  if (Resource !== undefined && !names(Resource, request.resource, of)) return false;
  if (NotResource !== undefined && names(NotResource, request.resource, but)) return false;
  if (Principal !== undefined && !isPrincipal(Principal, request)) return false;
  return Object.entries(Condition).every(([name, keys]) =>
    Object.entries(keys).every(([key, values]) => holds(name, key, listOf<Raw>(values), request)),
  );
}

/** Returns what the statements decide: an explicit deny wins, and what nothing allows is denied. */
export function decideIam(statements: readonly IamStatement[], request: IamRequest): "allow" | "deny" {
  const applying = statements.filter((statement) => applies(statement, request));
  if (applying.some(({ Effect }) => Effect === "Deny")) return "deny";
  return applying.some(({ Effect }) => Effect === "Allow") ? "allow" : "deny";
}

const clock = ["aws:currenttime", "aws:epochtime"];

/** Returns the request as docs/import-aws-iam.md says that an enforcer sends it. */
export function toAtmost({ action, resource, keys }: IamRequest): { readonly [key: string]: unknown } {
  const entries = Object.entries(keys).map(([key, value]) => [key.toLowerCase(), value] as const);
  const context = Object.fromEntries(entries.map(([key, value]) => [clock.includes(key) ? "time" : key, value]));
  return { action: `aws:${action.toLowerCase()}`, resource: { arn: resource }, context };
}
