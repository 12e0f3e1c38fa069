// Follows a run whose page is open: adds the lines of its log as they come, renews what is said above it, and stops at the end.
const table = document.querySelector("#table_output tbody");
const waiting = document.getElementById("waiting");
const below = document.getElementById("below");

const atBottom = () => window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 30;
const toBottom = () => window.scrollTo({ top: document.documentElement.scrollHeight });

below?.addEventListener("click", toBottom);
window.addEventListener("scroll", () => {
  if (below && atBottom()) below.hidden = true;
});

/** Takes the facts out of a fresh copy of this page. */
async function renewFacts() {
  const address = new URL(location.href);
  address.searchParams.set("log", "none");
  const answer = await fetch(address, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const facts = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("facts");
  if (facts) document.getElementById("facts")?.replaceWith(facts);
}

let pending = [];
/** Lines that come together are added together, once a frame. */
function addRows() {
  if (pending.length === 0) return;
  const stay = atBottom();
  const rows = document.createElement("template");
  rows.innerHTML = pending.join("");
  pending = [];
  table.append(rows.content);
  if (stay) toBottom();
  else if (below) below.hidden = false;
}

if (waiting?.dataset.live) {
  const last = [...(table?.querySelectorAll("tr[id]") ?? [])].at(-1);
  const next = last ? Number(last.id.slice(1)) + 1 : 1;
  const source = new EventSource(`${waiting.dataset.live}?minseq=${next}`);
  let newest = next - 1;
  source.addEventListener("row", (event) => {
    // After a break the browser asks for what follows the last one it saw; nothing is added twice.
    const seq = Number(event.lastEventId.slice("seq-".length));
    if (seq <= newest || !table) return;
    newest = seq;
    pending.push(JSON.parse(event.data));
    if (pending.length === 1) requestAnimationFrame(addRows);
  });
  source.addEventListener("facts", renewFacts);
  source.addEventListener("end", async () => {
    source.close();
    addRows();
    if (!table) return location.reload();
    waiting.textContent = "That was the last line.";
    await renewFacts();
  });
}
