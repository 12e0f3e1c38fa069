import openapi from "../../core/client/openapi.json";

/** What the document says of a value; enough to make one. */
export interface Schema {
  $ref?: string;
  type?: string;
  nullable?: boolean;
  enum?: (string | number | boolean)[];
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema;
  items?: Schema;
  anyOf?: Schema[];
  allOf?: Schema[];
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  parameters: { name: string; in: string; required: boolean; schema: Schema }[];
  /** Of a JSON body; undefined with `bytes` false: it takes none. */
  body: Schema | undefined;
  bytes: boolean;
}

interface Described {
  operationId: string;
  parameters?: Operation["parameters"];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

const published = Object.entries(openapi.paths as unknown as Record<string, Record<string, Described>>).flatMap(([path, item]) =>
  Object.entries(item).map(([method, { operationId, parameters = [], requestBody }]): Operation => {
    const body = requestBody?.content["application/json"]?.schema;
    return { id: operationId, method: method.toUpperCase(), path, parameters, body, bytes: requestBody !== undefined && !body };
  }),
);

/** What the original's first agents call is not in the document; it takes what its successors take. */
const old = (id: string, path: string, like: string): Operation[] =>
  published.filter((operation) => operation.id === like).map((operation) => ({ ...operation, id, path }));

/** Every operation that the core answers. */
export const operations: Operation[] = [
  ...published,
  ...old("old_job_append", "/0/worker/job/{job}/append", "worker_task_append"),
  ...old("old_add_output", "/0/worker/job/{job}/output", "worker_job_add_output"),
];

const components = openapi.components.schemas as unknown as Record<string, Schema>;

export const resolve = ({ $ref = "" }: Schema): Schema => components[$ref.split("/").at(-1) ?? ""] ?? {};
