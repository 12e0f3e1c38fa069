/** What stands in an answer. Lists become `<item>`s; what is undefined is left away. */
export type Xml = string | number | boolean | undefined | readonly Xml[] | { [name: string]: Xml };

const NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";

export function answerXml(action: string, request: string, body: { [name: string]: Xml }): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="${NAMESPACE}">${inside({ requestId: request, ...body })}</${action}Response>`;
}

export function errorXml(code: string, message: string, request: string): string {
  const error = inside({ Errors: { Error: { Code: code, Message: message } }, RequestID: request });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Response>${error}</Response>`;
}

function inside(value: Xml): string {
  if (value === undefined) return "";
  if (isList(value)) return value.map((item) => `<item>${inside(item)}</item>`).join("");
  if (typeof value !== "object") return Bun.escapeHTML(String(value));
  return Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([name, part]) => `<${name}>${inside(part)}</${name}>`)
    .join("");
}

const isList = (value: Xml): value is readonly Xml[] => Array.isArray(value);
