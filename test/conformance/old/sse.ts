export interface Record {
  event: string;
  id: string | undefined;
  data: string;
}

/** The original's reader of server-sent events: lines end with LF, comments are skipped, a blank line ends a record. */
export async function* readRecords(response: Response): AsyncGenerator<Record, void> {
  let rest = "";
  let fields: [string, string][] = [];
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const bytes of response.body ?? []) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "" && fields.length > 0) yield take();
      else if (line !== "" && !line.startsWith(":")) fields.push(parse(line));
    }
  }
  if (fields.length > 0) yield take();

  function take(): Record {
    const of = (name: string) => fields.filter(([key]) => key === name).map(([, value]) => value);
    const record = { event: of("event").at(-1) ?? "message", id: of("id").at(-1), data: of("data").join("\n") };
    fields = [];
    return record;
  }
}

function parse(line: string): [string, string] {
  const at = line.indexOf(":");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1).replace(/^ /, "")];
}
