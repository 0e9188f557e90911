import { EncryptedStore, recommend } from "../pkg/insight.js";
const ago = (days) => Date.now() - days * 86_400_000;
const catalogue = [
  { id: "arc", name: "Lumen Arc", category: "desk lamp", tags: ["walnut", "dims with a tap"], popularity: 90 },
  { id: "bay", name: "Bay Shelf", category: "shelf", tags: ["walnut", "small flats"], popularity: 40 },
  { id: "cove", name: "Cove Shelf", category: "shelf", tags: ["steel"], popularity: 80 },
  { id: "dawn", name: "Dawn Roast", category: "coffee", consumable: true, refillDays: 30, popularity: 60 },
  { id: "elm", name: "Elm Stool", category: "stool", tags: ["walnut", "stacks"], popularity: 20 },
  { id: "fern", name: "Fern Pot", category: "pot", tags: ["stoneware"], stock: 0, popularity: 99 },
];
const $ = (id) => document.getElementById(id);
const store = await EncryptedStore.open("example");
await store.set("history", [
  { item: "arc", event: "bought", at: ago(7) },
  { item: "dawn", event: "bought", at: ago(31) },
  { item: "bay", event: "viewed", at: ago(1) },
]);
let history = await store.get("history");
let best;
async function show() {
  best = await recommend(catalogue, history, { k: 3, consent: $("consent").checked });
  const told = ({ id, reason }) => `${catalogue.find((item) => item.id === id).name}: ${reason.text}`;
  const line = (item) => Object.assign(document.createElement("li"), { textContent: told(item) });
  $("items").replaceChildren(...best.map(line));
}
$("consent").addEventListener("change", show);
$("erase").addEventListener("click", async () => {
  await store.erase();
  history = [];
  await show();
});
$("write").addEventListener("click", async () => {
  // Only who wants a line fetches the writer. The brief says nothing of the history but what the item has.
  const { Copywright } = await import("../pkg/index.js");
  const writer = await Copywright.create();
  const [{ text, checks }] = await writer.variants(best[0].brief, { seed: 1 }).finally(() => writer.destroy());
  $("line").value = `${text} (kept: ${checks.map(({ rule }) => rule).join(", ")})`;
});
await show();
