import { reasonOf } from "../common/errors.ts";
import { patternRegex } from "../common/pattern.ts";
import { Refused } from "../common/refused.ts";

export interface OutputRule {
  rule: string;
  ignore: boolean;
  size_change_ok: boolean;
  require_match: boolean;
}

/**
 * `/path`, `!/path` (leave out), `=/path` (must match something), `%/path` (may change while it is read), `=%/path`.
 *
 * @throws Refused 400
 */
export function parseRule(text: string): OutputRule {
  const [, sigils = "", rule] = /^([!=%]*)(\/.*)$/s.exec(text) ?? [];
  const bad = (why: string) => new Refused(400, `output rule "${text}": ${why}`);
  if (rule === undefined)
    throw bad(`expected "/" after any of "!", "=" and "%", not "${text.replace(/^[!=%]*/, "").at(0) ?? ""}"`);
  if (new Set(sigils).size < sigils.length) throw bad(`"${sigils}" says something twice`);
  if (sigils.includes("!") && sigils.length > 1) throw bad(`"!" cannot go with "${sigils.replace("!", "")}"`);
  try {
    patternRegex(rule);
  } catch (error) {
    throw bad(reasonOf(error));
  }
  return { rule, ignore: sigils === "!", size_change_ok: sigils.includes("%"), require_match: sigils.includes("=") };
}

export const renderRule = ({ rule, ignore, size_change_ok, require_match }: OutputRule): string =>
  `${ignore ? "!" : ""}${size_change_ok ? "%" : ""}${require_match ? "=" : ""}${rule}`;
