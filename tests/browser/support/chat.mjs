/** Chat models, made of the default one: its special tokens renamed as ChatML has them, and a template beside them. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./server.mjs";

const file = (name) => readFile(join(ROOT, "models/default", name), "utf8");
const manifest = JSON.parse(await file("manifest.json"));

/** The token that begins a message, and the one that ends it. */
export const [BEGIN, END] = [1, 0];

const renamed = (await file("tokenizer.json"))
  .replaceAll("<|brief|>", "<|im_start|>")
  .replaceAll("<|end|>", "<|im_end|>");

/** ChatML, with a system prompt of its own and a refusal. */
export const TEMPLATE = `{%- if messages[0].role != 'system' -%}
{{- '<|im_start|>system\\nYou write about lamps.<|im_end|>\\n' -}}
{%- endif -%}
{%- for message in messages -%}
{%- if message.role == 'tool' -%}{{- raise_exception('tools are unknown here') -}}{%- endif -%}
{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] | trim + '<|im_end|>' + '\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}`;

/** What {@link TEMPLATE} makes of messages, written by hand. */
export function rendered(messages) {
  const all =
    messages[0].role === "system"
      ? messages
      : [{ role: "system", content: "You write about lamps." }, ...messages];
  const turn = ({ role, content }) =>
    `<|im_start|>${role}\n${content.trim()}<|im_end|>\n`;
  return `${all.map(turn).join("")}<|im_start|>assistant\n`;
}

/** Puts a chat model at `/m/NAME/`. `files`: what it has besides the default model's, by name; objects become JSON. */
export function serveChat(site, name, files) {
  const texts = {
    "tokenizer.json": renamed,
    ...Object.fromEntries(
      Object.entries(files).map(([path, value]) => [
        path,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
  };
  const listed = manifest.files.filter(({ path }) => !(path in texts));
  for (const [path, text] of Object.entries(texts)) {
    listed.push({
      path,
      size: Buffer.byteLength(text),
      sha256: createHash("sha256").update(text).digest("hex"),
    });
    site.fault(`/m/${name}/${path}`, { body: text });
  }
  const body = JSON.stringify({ ...manifest, name, files: listed });
  site.fault(`/m/${name}/manifest.json`, { body });
  return `/m/${name}/`;
}
