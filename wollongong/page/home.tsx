import { html } from "./answer.ts";
import { Layout } from "./layout.tsx";

/** For whoever comes by the bare address. */
export const homePage = (): Response =>
  html(
    <Layout title="Buildomat">
      <main class="fault">
        <img src="/static/buildomat.png" alt="" width="128" height="128" />
        <h1>Buildomat</h1>
        <p>
          Checks of GitHub commits, each on a machine made for it alone. What it does now: <a href="/status">status</a>.
        </p>
      </main>
    </Layout>,
  );
