/**
 * Conversations: from messages to a completion request, and from its answer to OpenAI's shape. Loaded by the worker
 * for models with a chat template only (see template.ts).
 */

import type { ChatCompletion, ChatLogprobs, ChatTokenLogprob } from "./chat-types";
import { Conversation } from "./conversation";
import { Jinja } from "./jinja";
import type { ChatSource } from "./template";
import type { TextEncoding } from "./tokenizer";
import type { Completion, CompletionLogprobs } from "./types";

/** Alternatives that log-probabilities may come with. */
const MOST_ALTERNATIVES = 5;

/** See the module. */
export class Chat {
  readonly #source: ChatSource;
  readonly #encoding: TextEncoding;
  /** Templates that were used, parsed. */
  readonly #parsed = new Map<string, Jinja>();
  /** Ids that end an answer. */
  readonly #ends: readonly number[];
  /** `bos_token` and its like. */
  readonly #tokens: Readonly<Record<string, string>>;

  constructor(source: ChatSource, encoding: TextEncoding) {
    this.#source = source;
    this.#encoding = encoding;
    // A token is written as its text, or as an object that has it.
    const named = Object.entries(source.config).flatMap(([name, value]) => {
      const text = typeof value === "object" ? (value as { content?: unknown } | null)?.content : value;
      return name.endsWith("_token") && typeof text === "string" ? [[name, text] as const] : [];
    });
    this.#tokens = Object.fromEntries(named);
    const eos = encoding.specials.get(this.#tokens["eos_token"] ?? "");
    const ends = [source.ends, eos].flat().filter((id): id is number => Number.isInteger(id));
    this.#ends = [...new Set(ends)];
  }

  /** The completion that continues a conversation. `context`: tokens that prompt and answer may have together. */
  request(chat: object, context: number): object {
    const { messages, tools, documents, add_generation_prompt, chat_template_kwargs, ...settings } = present(chat);
    const { max_tokens, max_completion_tokens, logprobs, top_logprobs, stop_token_ids, ...rest } = settings;
    for (const name of ["prompt", "echo"]) {
      if (name in rest) throw new TypeError(`${name} is unknown in a conversation`);
    }
    const flag = (name: string, value: unknown, otherwise: boolean): boolean => {
      if (typeof (value ?? otherwise) === "boolean") return (value ?? otherwise) as boolean;
      throw new TypeError(`${name} is not true or false`);
    };
    const conversation = new Conversation({
      messages,
      tools,
      documents,
      kwargs: chat_template_kwargs,
      add_generation_prompt: flag("add_generation_prompt", add_generation_prompt, true),
    });
    const prompt = conversation.tokens(this.#template(tools !== undefined), this.#tokens, this.#encoding);
    const n = typeof rest["n"] === "number" && rest["n"] >= 1 ? rest["n"] : 1;
    const room = Math.max(1, Math.floor((context - prompt.length) / n));
    const stops = stop_token_ids ?? [];
    return {
      ...rest,
      prompt,
      max_tokens: max_completion_tokens ?? max_tokens ?? room,
      stop_token_ids: Array.isArray(stops) ? [...this.#ends, ...(stops as unknown[])] : stops,
      logprobs: alternatives(flag("logprobs", logprobs, false), top_logprobs),
    };
  }

  /** A completion as the answer to a conversation. */
  answer({ id, choices, ...rest }: Completion): ChatCompletion {
    return {
      ...rest,
      id: `chat${id}`,
      object: "chat.completion",
      choices: choices.map(({ index, text, finish_reason, logprobs }) => ({
        index,
        message: { role: "assistant", content: text },
        finish_reason,
        logprobs: logprobs && likelihoods(logprobs),
      })),
    };
  }

  /** The template that fits: with tools the one for tools, if there is one. */
  #template(tools: boolean): Jinja {
    const { template } = this.#source;
    const list = (Array.isArray(template) ? template : [{ name: "default", template }]) as Record<string, unknown>[];
    const named = (name: string): unknown => list.find((one) => one?.["name"] === name)?.["template"];
    const text = (tools ? named("tool_use") : undefined) ?? named("default") ?? list[0]?.["template"];
    if (typeof text !== "string") {
      throw new DOMException("chat_template: is neither a text nor a list of named texts", "DataError");
    }
    let parsed = this.#parsed.get(text);
    if (!parsed) this.#parsed.set(text, (parsed = new Jinja(text)));
    return parsed;
  }
}

/** Fields that are there: `null` is as good as absent. */
function present(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== null));
}

/** What a completion calls `logprobs`. */
function alternatives(asked: boolean, top: unknown): number | undefined {
  const most = top ?? 0;
  if (typeof most !== "number" || !Number.isInteger(most) || most < 0 || most > MOST_ALTERNATIVES) {
    throw new TypeError(`top_logprobs is not a whole number from 0 to ${MOST_ALTERNATIVES}`);
  }
  if (top !== undefined && !asked) throw new TypeError("top_logprobs needs logprobs: true");
  return asked ? most : undefined;
}

function likelihoods({ tokens, token_logprobs, top_logprobs }: CompletionLogprobs): ChatLogprobs {
  return {
    content: tokens.map((token, i) => ({
      ...likelihood(token, token_logprobs[i] ?? 0),
      top_logprobs: Object.entries(top_logprobs[i] ?? {})
        .sort((a, b) => b[1] - a[1])
        .map(([token, logprob]) => likelihood(token, logprob)),
    })),
  };
}

/** A token by the name that completions give it: its text, `bytes:\xe2\x80`, or `token:5` where it has no text. */
function likelihood(token: string, logprob: number): ChatTokenLogprob {
  const parts = /^bytes:((?:\\x[0-9a-f]{2})+)$/.exec(token)?.[1];
  const bytes = parts
    ? parts
        .split("\\x")
        .slice(1)
        .map((digits) => parseInt(digits, 16))
    : [...new TextEncoder().encode(token)];
  return { token, logprob, bytes: /^token:\d+$/.test(token) ? null : bytes };
}
