// The numbers and times of a delegation, exactly. Not trusted.

import { parseTime } from "../../../prover/index.js";

/** Digits after the point that an amount is held to, and the most digits it may have in all: the language's own bound. */
const FRACTION_DIGITS = 30;
const AMOUNT_DIGITS_MAX = 30;

/** Returns what is left of `limit` after `spent` as an exact decimal, "0" where nothing is; undefined where it has too many digits. */
export function remainingAmount(limit: number, spent: number): string | undefined {
  const [all, gone] = [unitsOf(limit), unitsOf(spent)];
  if (all === undefined || gone === undefined) return undefined;
  const left = all > gone ? all - gone : 0n;
  const digits = left.toString().padStart(FRACTION_DIGITS + 1, "0");
  const whole = digits.slice(0, -FRACTION_DIGITS);
  const fraction = digits.slice(-FRACTION_DIGITS).replace(/0+$/, "");
  if (whole.length + fraction.length > AMOUNT_DIGITS_MAX) return undefined;
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

// A double is written by its shortest decimal, which is what the document said: it has at most 17 digits, and an exponent.
function unitsOf(value: number): bigint | undefined {
  const [, whole = "", fraction = "", exponent = "0"] = /^([0-9]+)(?:\.([0-9]+))?(?:e([+-][0-9]+))?$/.exec(String(value)) ?? [];
  const zeros = FRACTION_DIGITS + Number(exponent) - fraction.length;
  return whole === "" || zeros < 0 || zeros > 2 * FRACTION_DIGITS ? undefined : BigInt(whole + fraction) * 10n ** BigInt(zeros);
}

/** Returns the epoch milliseconds of a time with a zone, to the millisecond at most; undefined for any other text. */
export function readInstant(text: string): number | undefined {
  return parseTime(text);
}

/** Returns the first instant that is no longer valid as RFC 3339: a delegation still holds in the millisecond that it names. */
export function instantAfter(time: number): string | undefined {
  const next = new Date(time + 1);
  const text = Number.isNaN(next.getTime()) ? "" : next.toISOString();
  return /^[0-9]{4}-/.test(text) ? text : undefined;
}
