import type { Worker } from "../core/client/operations.ts";
import type { Context } from "./context.ts";

interface Filter {
  active?: boolean;
  factory?: string;
}

/** The workers of all pages, page by page. */
export async function* workerPages(context: Context, filter: Filter): AsyncGenerator<Worker[]> {
  const client = context.admin();
  let query: Filter & { page_token?: string } = filter;
  for (;;) {
    const { items, next_page } = await client.call("workers_list", { query }, { signal: context.signal });
    yield items;
    if (!next_page || items.length === 0) return;
    query = { page_token: next_page };
  }
}
