import { html } from "./answer.ts";
import { Layout } from "./layout.tsx";

interface FaultOptions {
  /** Under which the server's log has it. */
  requestId?: string;
  /** Of the answer, where it is not of the fault itself. */
  status?: number;
}

/** A page that says what went wrong. */
export const faultPage = (fault: number, message: string, { requestId, status = fault }: FaultOptions): Response =>
  html(
    <Layout title={`${fault}: ${message}`}>
      <main class="fault">
        <img src="/static/buildomat.png" alt="" width="128" height="128" />
        <h1>{fault === 404 ? "Not here" : "Something went wrong"}</h1>
        <p>{message}</p>
        {requestId === undefined ? null : <p class="quiet">Request {requestId}</p>}
      </main>
    </Layout>,
    status,
  );
