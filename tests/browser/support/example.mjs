/** The brief that the default model brings as an example, with the tokens that it becomes. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./server.mjs";

const example = JSON.parse(
  await readFile(join(ROOT, "models/default/example.json"), "utf8"),
);
const lines = Object.fromEntries(
  example.prompt
    .split("\n")
    .filter((line) => /^(<\|brief\|>)?\w+: /.test(line))
    .map((line) => line.replace("<|brief|>", "").split(": ")),
);
const [fact, ...value] = lines.facts.split(" ");

/** As a page would ask. */
export const BRIEF = {
  ...lines,
  features: lines.features.split("; "),
  facts: { [fact]: value.join(" ") },
};

/** Its prompt, by token ids. */
export const PROMPT = example.prompt_ids;
