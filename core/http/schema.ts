import { type TSchema, Type } from "@sinclair/typebox";
import type { DocumentDecoration } from "elysia";
import { LONGEST_WAIT } from "./longpoll.ts";

/** Crockford base32, upper case: the time of creation in milliseconds, then 80 random bits. */
export const Ulid = Type.String({
  pattern: "^[0-7][0-9A-HJKMNP-TV-Z]{25}$",
  description: "ULID",
  example: "01KDYZ8W3QF5B7N2M9XJ6T4RAC",
});

/** RFC 3339, UTC. */
export const Timestamp = Type.String({ format: "date-time", example: "2026-01-02T03:04:05.678Z" });

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** A type that the document names; `title` carries the name, as it means nothing to a validator. */
export const named = <T extends TSchema>(title: string, schema: T): T => ({ ...schema, title });

/** An integer in a query or path, where everything comes as text; of TypeBox's own types only numbers are read from text. */
export const WholeNumber = (options: { minimum: number; maximum?: number; description?: string }) =>
  Type.Number({ multipleOf: 1, ...options });

/** `?wait=SECONDS&seen=VERSION` of the long polls. */
export const WaitQuery = {
  wait: Type.Optional(
    WholeNumber({ minimum: 0, maximum: LONGEST_WAIT, description: "answer when the answer changes, or after so many seconds" }),
  ),
  seen: Type.Optional(Type.String({ maxLength: 64, description: "x-buildomat-version of the answer that the caller has" })),
};

/** What a page of a list names the next one by. */
export const PageToken = Type.String({ example: "eyJ2IjoidjEiLCJwYWdlX3N0YXJ0Ijp7fX0=" });

/** `?first=N` of the appends. */
export const FirstQuery = {
  first: Type.Optional(WholeNumber({ minimum: 1, description: "number of the first event in the writer's own numbering" })),
};

export const AppendResult = named(
  "AppendResult",
  Type.Object({ next: Type.Integer({ description: "number of the event that the log wants next", example: 18 }) }),
);

export const iso = (time: number): string => new Date(time).toISOString();

export const isoOrNull = (time: number | null): string | null => (time === null ? null : iso(time));

/** Names that could be taken for an id are refused: callers may give either. */
export const looksLikeId = (name: string) => /^[0-9a-z]{26}$/i.test(name);

type RequestBody = NonNullable<DocumentDecoration["requestBody"]>;

type Responses = NonNullable<DocumentDecoration["responses"]>;

/** For the document: why this route in particular refuses a call, by status; what follows from its shape is added there. */
export const refusals = (reasons: Record<number, string>): Responses =>
  Object.fromEntries(Object.entries(reasons).map(([status, description]) => [status, { description, ...ERROR_BODY }]));

const ERROR_BODY = { content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } } };

/** For the document: the body of a route that reads it raw. */
export const jsonBody = (schema: TSchema): RequestBody =>
  // openapi.ts turns the TypeBox schema into the plain one that this type asks for.
  ({ required: true, content: { "application/json": { schema } } }) as unknown as RequestBody;

export const bytesBody: RequestBody = {
  required: true,
  content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } },
};
