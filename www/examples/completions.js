import { Copywright } from "../pkg/index.js";

const [form, prompt, from, text, said, stop] = ["form", "prompt", "from", "text", "said", "stop"].map((id) =>
  document.getElementById(id),
);
const tell = (words) => (said.textContent = words);
let writer;
let run = new AbortController();

const monitor = (m) => m.addEventListener("downloadprogress", (e) => tell(`Model: ${Math.round(e.loaded * 100)} %`));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  run.abort();
  run = new AbortController();
  const { signal } = run;
  from.textContent = prompt.value;
  text.textContent = "";
  try {
    writer ??= await Copywright.create({ monitor });
    const request = { prompt: prompt.value, max_tokens: 60, temperature: 0.7, stream: true };
    tell("Writing");
    for await (const { choices } of writer.complete(request, { signal })) text.append(choices[0]?.text ?? "");
    tell("Finished");
  } catch (error) {
    if (signal === run.signal) tell(error.name === "AbortError" ? "Stopped" : `${error.name}: ${error.message}`);
  }
});
stop.addEventListener("click", () => run.abort());
