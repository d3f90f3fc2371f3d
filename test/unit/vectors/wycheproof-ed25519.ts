// SOURCE: Project Wycheproof, github.com/C2SP/wycheproof, testvectors_v1/ed25519_test.json at 00de17e37d98 (Apache-2.0): some of its 151
// vectors, by `tcId`. Left out are those that say the same again. The tests also hold each one against node:crypto, and what is made from
// another vector (S + L, R with a bit flipped, bytes cut off) against that vector, so that a slip of the pen shows.

/** One vector: message and signature in hex under the key of its group, and whether it must verify. */
export type WycheproofVector = {
  readonly tcId: number;
  readonly publicKey: string;
  readonly comment: string;
  readonly msg: string;
  readonly sig: string;
  readonly result: "valid" | "invalid";
};

const FIRST = "7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa";
const SECOND = "a12c2beb77265f2aac953b5009349d94155a03ada416aad451319480e983ca4c";
const S_BOUND = "100fdf47fb94f1536a4f7c3fda27383fa03375a8f527c537e6f1703c47f94f86";

const zero = "00".repeat(32);
const one = `01${"00".repeat(31)}`;
const order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
const belowOrder = "ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
const prime = `ed${"ff".repeat(30)}7f`;

const vector =
  (result: WycheproofVector["result"], publicKey: string) =>
  (tcId: number, comment: string, msg: string, sig: string): WycheproofVector => ({ tcId, publicKey, comment, msg, sig, result });
const valid = vector("valid", FIRST);
const invalid = vector("invalid", FIRST);
const special = (tcId: number, r: string, s: string) => invalid(tcId, "special values for r and s", "3f", `${r}${s}`);

const TEST = "54657374";
const TEST_R = "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0";
const TEST_S = "7a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b30d";
const NUMBERS = "313233343030";

export const WYCHEPROOF_VECTORS: readonly WycheproofVector[] = [
  valid(
    1,
    "",
    "",
    "d4fbdb52bfa726b44d1786a8c0d171c3e62ca83c9e5bbe63de0bb2483f8fd6cc1429ab72cafc41ab56af02ff8fcc43b99bfe4c7ae940f60f38ebaa9d311c4007",
  ),
  valid(
    2,
    "",
    "78",
    "d80737358ede548acb173ef7e0399f83392fe8125b2ce877de7975d8b726ef5b1e76632280ee38afad12125ea44b961bf92f1178c9fa819d020869975bcbe109",
  ),
  valid(3, "", TEST, `${TEST_R}${TEST_S}`),
  valid(
    5,
    "",
    NUMBERS,
    "657c1492402ab5ce03e2c3a7f0384d051b9cf3570f1207fc78c1bcc98c281c2bf0cf5b3a289976458a1be6277a5055545253b45b07dcc1abd96c8b989c00f301",
  ),
  valid(
    9,
    "",
    "ffffffffffffffffffffffffffffffff",
    "5dbd7360e55aa38e855d6ad48c34bd35b7871628508906861a7c4776765ed7d1e13d910faabd689ec8618b78295c8ab8f0e19c8b4b43eb8685778499e943ae04",
  ),
  special(10, zero, zero),
  special(11, zero, one),
  special(12, zero, belowOrder),
  special(13, zero, order),
  special(14, zero, prime),
  special(15, one, zero),
  special(16, one, one),
  special(18, one, order),
  special(20, order, zero),
  special(23, order, order),
  special(25, prime, zero),
  special(26, prime, one),
  special(29, prime, prime),
  invalid(30, "empty signature", TEST, ""),
  invalid(31, "s missing", TEST, TEST_R),
  invalid(
    32,
    "signature too short",
    TEST,
    "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab07a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946",
  ),
  invalid(33, "signature too long", TEST, `${TEST_R}${TEST_S}2020`),
  invalid(34, "include pk in signature", TEST, `${TEST_R}${TEST_S}${FIRST}`),
  invalid(35, "prepending 0 byte to signature", TEST, `00${TEST_R}${TEST_S}`),
  invalid(36, "prepending 0 byte to s", TEST, `${TEST_R}00${TEST_S}`),
  invalid(37, "appending 0 byte to signature", TEST, `${TEST_R}${TEST_S}00`),
  invalid(
    38,
    "removing 0 byte from signature",
    "546573743137",
    "93de3ca252426c95f735cb9edd92e83321ac62372d5aa5b379786bae111ab6b17251330e8f9a7c30d6993137c596007d7b001409287535ac4804e662bc58a3",
  ),
  invalid(
    40,
    "removing leading 0 byte from signature",
    "546573743530",
    "6e170c719577c25e0e1e8b8aa7a6346f8b109f37385cc2e85dc3b4c0f46a9c6bcafd67f52324c5dbaf40a1b673fb29c4a56052d2d6999d0838a8337bccb502",
  ),
  invalid(
    42,
    "modified bit 0 in R",
    NUMBERS,
    "647c1492402ab5ce03e2c3a7f0384d051b9cf3570f1207fc78c1bcc98c281c2b1d125e5538f38afbcc1c84e489521083041d24bc6240767029da063271a1ff0c",
  ),
  invalid(
    59,
    "modified bit 255 in R",
    NUMBERS,
    "657c1492402ab5ce03e2c3a7f0384d051b9cf3570f1207fc78c1bcc98c281cab227aedf259f910f0f3a759a335062665217925d019173b88917eae294f75d40f",
  ),
  invalid(60, "R==0", NUMBERS, `${zero}e0b8e7770d51c7a36375d006c5bffd6af43ff54aaf47e4330dc118c71d61ec02`),
  invalid(61, "invalid R", NUMBERS, `${"ff".repeat(32)}463a1908382e7eb7693acef9884f7cf931a215e0791876be22c631a59881fd0e`),
  invalid(
    62,
    "all bits flipped in R",
    NUMBERS,
    "9a83eb6dbfd54a31fc1d3c580fc7b2fae4630ca8f0edf803873e433673d7e3d40e94254586cb6188c5386c3febed477cb9a6cb29e3979adc4cb27cf5278fb70a",
  ),
  invalid(63, "s + L", TEST, `${TEST_R}67654bce3832c2d76f8f6f5dafc08d9339d4eef676573336a5c51eb6f946b31d`),
  invalid(64, "s + 2L", TEST, `${TEST_R}5439412b5395d42f462c67008eba6ca839d4eef676573336a5c51eb6f946b32d`),
  invalid(66, "s + 8L", TEST, `${TEST_R}e2300459f1e742404cd934d2c595a6253ad4eef676573336a5c51eb6f946b38d`),
  invalid(67, "s + 2^253", TEST, `${TEST_R}7a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b32d`),
  invalid(70, "s + p", TEST, `${TEST_R}679155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b38d`),
  vector("valid", SECOND)(
    71,
    "",
    "",
    "5056325d2ab440bf30bbf0f7173199aa8b4e6fbc091cf3eb6bc6cf87cd73d992ffc216c85e4ab5b8a0bbc7e9a6e9f8d33b7f6e5ac0ffdc22d9fcaf784af84302",
  ),
  vector("valid", S_BOUND)(
    84,
    "Signature with S just under the bound",
    "124e583f8b8eca58bb29c271b41d36986bbc45541f8e51f9cb0133eca447601e",
    "dac119d6ca87fc59ae611c157048f4d4fc932a149dbe20ec6effd1436abf83ea05c7df0fef06147241259113909bc71bd3c53ba4464ffcad3c0968f2ffffff0f",
  ),
];
