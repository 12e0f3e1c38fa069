import { html } from "./answer.ts";
import { Layout } from "./layout.tsx";

/** A page that says what went wrong, and under which number the server's log has it. */
export const faultPage = (status: number, message: string, requestId: string): Response =>
  html(
    <Layout title={`${status}: ${message}`}>
      <main class="fault">
        <img src="/static/buildomat.png" alt="" width="128" height="128" />
        <h1>{status === 404 ? "Not here" : "Something went wrong"}</h1>
        <p>{message}</p>
        <p class="quiet">Request {requestId}</p>
      </main>
    </Layout>,
    status,
  );
