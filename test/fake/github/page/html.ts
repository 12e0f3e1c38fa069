/** Text that is markup already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | Part[] | null | undefined | false;

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Everything put in is escaped, except what this has made. */
export function html(fixed: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(fixed.map((text, index) => text + written(parts[index])).join(""));
}

function written(part: Part): string {
  if (part === undefined || part === null || part === false) return "";
  if (Array.isArray(part)) return part.map(written).join("");
  return part instanceof Html ? part.text : String(part).replace(/[&<>"']/g, (letter) => ESCAPES[letter] ?? "");
}

const STYLE = `:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code, pre { font-family: ui-monospace, monospace }
pre { white-space: pre-wrap; padding: .7rem; border: 1px solid #8886; border-radius: 6px }
ul.checks { list-style: none; padding-left: 1rem } form.inline { display: inline }
section { border-top: 1px solid #8886; padding: .5rem 0 } h2 { font-size: 1.15rem }
.success { color: #1a7f37 } .failure, .timed_out, .cancelled, .action_required { color: #cf222e } .queued, .in_progress { color: #9a6700 }
textarea { width: 100%; font-family: ui-monospace, monospace } button, input { font: inherit }`;

const HASH = new Bun.CryptoHasher("sha256").update(STYLE).digest("base64");

/** Nothing runs, nothing comes from elsewhere, and forms go nowhere else. */
const POLICY = `default-src 'none'; style-src 'sha256-${HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

/** @param refresh seconds until the page asks again */
export function page(title: string, body: Html, { status = 200, refresh }: { status?: number; refresh?: number } = {}): Response {
  const again = refresh === undefined ? "" : html`<meta http-equiv="refresh" content="${refresh}">`;
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width">${again}<title>${title}</title><style>${new Html(STYLE)}</style>`;
  const { text } =
    html`<!DOCTYPE html><html lang="en"><head>${head}</head><body><p><a href="/">Fake GitHub</a></p><h1>${title}</h1>${body}</body></html>`;
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
  };
  return new Response(text, { status, headers });
}
