import { anonymise, restore } from "../pkg/insight.js";

const [letter, text, spans, reply, restored] = ["letter", "text", "spans", "reply", "restored"].map((id) =>
  document.getElementById(id),
);

async function show() {
  const made = await anonymise(letter.value);
  text.value = made.text;
  const rows = new Map(made.spans.map(({ placeholder, value }) => [placeholder, value]));
  spans.replaceChildren(
    ...[...rows].map((cells) => {
      const row = document.createElement("tr");
      for (const cell of cells) row.insertCell().textContent = cell;
      return row;
    }),
  );
  restored.value = await restore(reply.value, made.spans);
}

letter.addEventListener("input", show);
reply.addEventListener("input", show);
await show();
