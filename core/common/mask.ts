/** What a reader sees instead of a secret. */
export const MASKED = "***";

/** Shorter secrets are not masked: they would blacken half of every log, and so tell what they are. Characters. */
export const SHORTEST_SECRET = 6;

/**
 * Hides secrets in text, in the forms in which they usually slip out: as they are, in base64 (alone or inside something
 * longer), percent-encoded and escaped for JSON. Of a secret of several lines each line counts. Secrets can be added at any
 * time; text must be handed in as whole lines, or with an overlap of `longest` characters.
 */
export class Mask {
  /** Length of the longest form, characters. */
  longest = 0;
  readonly #forms = new Set<string>();

  add(secret: string): void {
    for (const part of [secret, ...secret.split(/\r\n|\r|\n/)]) {
      const bare = part.trim().toWellFormed();
      if (bare.length < SHORTEST_SECRET) continue;
      for (const form of formsOf(bare)) {
        // A log is read line by line: a form with a line break in it never matches.
        if (form.length < SHORTEST_SECRET || /[\r\n]/.test(form)) continue;
        this.#forms.add(form);
        this.longest = Math.max(this.longest, form.length);
      }
    }
  }

  /** The text with every form of every secret replaced; overlapping ones by one mark. */
  apply(text: string): string {
    let spans: [start: number, end: number][] | undefined;
    for (const form of this.#forms) {
      for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
        spans ??= [];
        spans.push([at, at + form.length]);
      }
    }
    return spans ? without(text, spans) : text;
  }
}

function without(text: string, spans: [start: number, end: number][]): string {
  spans.sort((a, b) => a[0] - b[0]);
  let masked = "";
  let done = 0;
  for (const [start, end] of spans) {
    if (start >= done) masked += text.slice(done, start) + MASKED;
    done = Math.max(done, end);
  }
  return masked + text.slice(done);
}

function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const percent = encodeURIComponent(secret);
  const strict = percent.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const base64 = base64Forms(secret);
  return [
    secret,
    percent,
    strict,
    strict.replaceAll("%20", "+"),
    strict.replace(/%../g, (code) => code.toLowerCase()),
    json,
    json.replaceAll("/", "\\/"),
    json.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`),
    ...base64,
    ...base64.map((form) => form.replaceAll("+", "-").replaceAll("/", "_")),
  ];
}

/** Characters after which programs break lines of base64: openssl and PEM, coreutils and MIME. */
const WRAPS = [64, 76];

/** The lines of something long; none of what fits in one. */
const piecesOf = (text: string, width: number): string[] =>
  text.length <= width ? [] : (text.match(new RegExp(`.{1,${width}}`, "g")) ?? []);

/** The secret in base64 by itself, and what is certain to appear when it stands inside something that is encoded as a whole. */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const inside = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    // Characters that also carry bits of what stands before or after are left out.
    return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  const wrapped = WRAPS.flatMap((width) => piecesOf(inside[0] ?? "", width));
  return [bytes.toString("base64"), ...inside, ...wrapped];
}
