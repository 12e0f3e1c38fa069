/**
 * Calls `line` for each line of a stream until it ends.
 *
 * @param most characters of a line; what is longer comes in pieces
 */
export async function eachLine(stream: ReadableStream<Uint8Array>, line: (text: string) => void, most = 8192): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  const give = (text: string) => {
    for (let at = 0; at === 0 || at < text.length; at += most) line(text.slice(at, at + most));
  };
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) give(part);
    for (; rest.length > most; rest = rest.slice(most)) line(rest.slice(0, most));
  }
  if (rest) line(rest);
}
