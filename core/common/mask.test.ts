import { describe, expect, test } from "bun:test";
import { Mask } from "./mask.ts";

const masking = (...secrets: string[]) => {
  const mask = new Mask();
  for (const secret of secrets) mask.add(secret);
  return mask;
};

/** Repeatable noise: the same numbers in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe("a masked text", () => {
  test.each([
    ["as it is", "hunter2!x", "hunter2!x"],
    ["percent-encoded", "p@ss/wörd", encodeURIComponent("p@ss/wörd")],
    ["in a form of a web page", "two words!", "two+words%21"],
    ["escaped for JSON", 'say "hi" \\o/', '{"a":"say \\"hi\\" \\\\o/"}'],
    ["in JSON without letters beyond ASCII", "pässwörd", "p\\u00e4ssw\\u00f6rd"],
    ["in base64 for URLs", "???>>>???>>>", Buffer.from("???>>>???>>>").toString("base64url")],
  ])("hides a secret %s", (_, secret, text) => {
    expect(masking(secret).apply(`<${text}>`)).toContain("***");
    expect(masking(secret).apply(text)).not.toContain(text);
  });

  test("hides each line of a secret of several, and the whole where it is on one line", () => {
    const mask = masking("-----BEGIN-----\nMIIEvQIBADANBgkq\n  abcd\n");
    expect(mask.apply("x MIIEvQIBADANBgkq y\nabcd")).toBe("x *** y\nabcd");
    expect(mask.apply(JSON.stringify("-----BEGIN-----\nMIIEvQIBADANBgkq\n  abcd\n"))).not.toContain("MIIE");
  });

  test("leaves short secrets alone", () => expect(masking("12345").apply("12345")).toBe("12345"));

  test("leaves no rest where two secrets overlap", () => {
    expect(masking("abcdef", "defghi").apply("-abcdefghi-abcdefabcdef-")).toBe("-***-******-");
    expect(masking("aaaaaa").apply("aaaaaaaaa")).toBe("***");
  });

  test("is unchanged without secrets in it", () => expect(masking("abcdef").apply("nothing here")).toBe("nothing here"));
});

test("base64 of anything around a secret never shows a run of it", () => {
  const random = numbers(7);
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=-_.!~ äß";
  const some = (length: number) => Array.from({ length }, () => letters[random(letters.length)]).join("");
  for (let round = 0; round < 2000; round++) {
    const secret = `k${some(6 + random(30))}y`;
    const encoded = Buffer.from(some(random(7)) + secret + some(random(7))).toString("base64");
    const shown = masking(secret).apply(encoded);
    expect(shown).toContain("***");
    // At most the characters at the secret's edges, which it shares with its neighbours, remain.
    const left = shown.split("***").map((part) => Buffer.from(part, "base64").toString());
    expect(left.some((part) => part.includes(secret.slice(0, 3)) && part.includes(secret.slice(-3)))).toBe(false);
  }
});

test.each([64, 76])("base64 of a long secret in lines of %d shows none of it", (width) => {
  const secret = Array.from({ length: 40 }, (_, i) => `part-${i}`).join("/");
  const lines =
    Buffer.from(`${secret}\n`)
      .toString("base64")
      .match(new RegExp(`.{1,${width}}`, "g")) ?? [];
  const mask = masking(secret);
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.slice(0, -1).map((line) => mask.apply(line))).toEqual(lines.slice(1).map(() => "***"));
  expect(mask.apply(lines.at(-1) ?? "")).toMatch(/^\*\*\*.{0,4}$/);
});

test("in any text, no form of a secret is left, and nothing else is touched", () => {
  const random = numbers(11);
  for (let round = 0; round < 2000; round++) {
    const secret = Array.from({ length: 6 + random(5) }, () => "ab"[random(2)]).join("");
    const parts = Array.from({ length: random(12) }, () => (random(3) === 0 ? secret : "abxyz "[random(6)]));
    const shown = masking(secret).apply(parts.join(""));
    expect(shown.includes(secret)).toBe(false);
    const outside = parts.join("").split(secret);
    if (outside.length === 1) expect(shown).toBe(parts.join(""));
  }
});
