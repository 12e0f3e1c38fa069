/** A parameter of the query protocol: text, or more parameters by name or by number from 1. */
export interface Parameters {
  [name: string]: string | Parameters;
}

/** `Filter.1.Name=tag-key` and the like as a tree. Source: "Query requests" in the EC2 API reference. */
export function parametersOf(form: URLSearchParams): Parameters {
  const all: Parameters = {};
  for (const [path, value] of form) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    names.reduce(below, all)[last] = value;
  }
  return all;
}

function below(at: Parameters, name: string): Parameters {
  const known = at[name];
  if (typeof known === "object") return known;
  const fresh: Parameters = {};
  at[name] = fresh;
  return fresh;
}

export const textOf = (value: string | Parameters | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;

/** The parameters below a name; none where there is nothing. */
export const partOf = (value: string | Parameters | undefined): Parameters => (typeof value === "object" ? value : {});

/** `Tag.1`, `Tag.2` ... in order. */
export const listIn = (value: string | Parameters | undefined): (string | Parameters)[] =>
  Object.entries(partOf(value))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, item]) => item);

export const textsIn = (value: string | Parameters | undefined): string[] =>
  listIn(value).filter((item) => typeof item === "string");
