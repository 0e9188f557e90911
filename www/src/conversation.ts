/**
 * From messages to tokens. The template's text is encoded with the model's special tokens; those of a message must
 * come from the template, too, and never from what somebody wrote.
 *
 * Template and contents are not encoded apart: a word that begins a content may share a token with the space before
 * it, so a prompt in pieces would be another prompt than the model was trained on. Instead what reads like a special
 * token within a content is cut behind its first character, by a mark that occurs nowhere else; where there are marks,
 * and only there, the pieces between them are encoded apart. A harmless conversation is encoded whole.
 *
 * Templates compute: one that takes things out of a content could put a special token together. So the conversation is
 * rendered a second time without anything in it that such tokens are made of, and both must have the same ones.
 */

import type { Jinja } from "./jinja";
import type { TextEncoding } from "./tokenizer";

const ROLES = ["system", "developer", "user", "assistant", "tool"];
/** Objects may lie in one another this deep. */
const DEPTH = 24;

/** What a template is given. */
interface Parts {
  readonly messages: unknown;
  readonly tools: unknown;
  readonly documents: unknown;
  readonly kwargs: unknown;
  readonly add_generation_prompt: boolean;
}

/** See the module. */
export class Conversation {
  readonly #parts: Parts;

  /** @throws TypeError naming what is no message. */
  constructor(parts: Parts) {
    const { tools, documents, kwargs } = parts;
    if (!Array.isArray(parts.messages) || parts.messages.length === 0) {
      throw new TypeError("messages is not a list of messages");
    }
    for (const [name, list] of Object.entries({ tools, documents })) {
      if (list !== undefined && !Array.isArray(list)) throw new TypeError(`${name} is not a list`);
    }
    if (kwargs !== undefined && !isObject(kwargs)) throw new TypeError("chat_template_kwargs is not an object");
    this.#parts = { ...parts, messages: parts.messages.map((one, i) => message(one, `messages[${i}]`)) };
  }

  /** The tokens of the prompt. `named`: the special tokens that templates know by name. */
  tokens(template: Jinja, named: Readonly<Record<string, string>>, encoding: TextEncoding): number[] {
    const { specials, unknown } = encoding;
    const mark = unused(JSON.stringify(this.#parts) + template.source);
    const special = [...specials.keys()].filter((text) => text !== "").map(escaped);
    // Where one begins, and nowhere if there are none.
    const begin = new RegExp(special.length > 0 ? `(?=${special.join("|")}).` : "(?!)", "gsu");
    const ids = (change: (text: string) => string): number[] => {
      const text = template.render(this.#variables(named, change));
      return text.split(mark).flatMap((piece) => (piece === "" ? [] : [...encoding.encode(piece)]));
    };
    const all = new Set(specials.values());
    const own = (ids: readonly number[]): string => ids.filter((id) => all.has(id) && id !== unknown).join();
    const prompt = ids((text) => text.replace(begin, `$&${mark}`));
    const harmless = ids((text) => text.replace(begin, "x").replace(/[^\p{L}\p{N}\s]/gu, "x"));
    if (own(prompt) !== own(harmless)) {
      throw new TypeError("messages: a content would become one of the model's special tokens");
    }
    return prompt;
  }

  #variables(named: Readonly<Record<string, string>>, change: (text: string) => string): Record<string, unknown> {
    const { messages, tools = null, documents = null, kwargs = {}, add_generation_prompt } = this.#parts;
    const changed = (value: unknown, name: string): unknown => mapped(value, name, change, DEPTH);
    return {
      ...named,
      ...(changed(kwargs, "chat_template_kwargs") as object),
      messages: (messages as { role: string }[]).map(({ role, ...rest }, i) => {
        return { role, ...(changed(rest, `messages[${i}]`) as object) };
      }),
      tools: changed(tools, "tools"),
      documents: changed(documents, "documents"),
      add_generation_prompt,
    };
  }
}

/** A message with its content as one text. */
function message(value: unknown, at: string): object {
  if (!isObject(value)) throw new TypeError(`${at} is not a message`);
  const { role, content } = value;
  if (!ROLES.includes(role as string)) {
    throw new TypeError(`${at}.role: ${JSON.stringify(role)} is not one of ${ROLES.join(", ")}`);
  }
  if (typeof content === "string") return value;
  if (Array.isArray(content)) {
    const texts = content.map((part: unknown, i) => {
      if (isObject(part) && part["type"] === "text" && typeof part["text"] === "string") return part["text"];
      throw new TypeError(`${at}.content[${i}] is not { type: "text", text }`);
    });
    return { ...value, content: texts.join("") };
  }
  if (content === undefined || content === null) {
    // An assistant that only calls tools says nothing.
    if (role === "assistant") return { ...value, content: "" };
    throw new TypeError(`${at}.content is missing`);
  }
  throw new TypeError(`${at}.content is neither a text nor a list of texts`);
}

/** A copy with all its texts changed, names of fields included. */
function mapped(value: unknown, at: string, change: (text: string) => string, depth: number): unknown {
  if (typeof value === "string") return change(value);
  if (value === null || ["number", "boolean", "undefined"].includes(typeof value)) return value;
  if (depth === 0) throw new TypeError(`${at} is nested too deeply`);
  if (Array.isArray(value)) return value.map((one) => mapped(one, at, change, depth - 1));
  if (!isObject(value)) throw new TypeError(`${at} holds what is no data`);
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [change(name), mapped(one, `${at}.${name}`, change, depth - 1)]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

/** A private character that a text does not have. */
function unused(text: string): string {
  for (let code = 0xe000; code < 0xf900; code++) {
    const mark = String.fromCharCode(code);
    if (!text.includes(mark)) return mark;
  }
  throw new TypeError("messages: they have all of Unicode's private characters");
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
