/** The public types of conversations: OpenAI's chat completions, in its snake_case. */

import type { CompletionRequest, CompletionUsage, FinishReason } from "./types";

/** One turn of a conversation. Templates may know more fields than these; they are handed on. */
export interface ChatMessage {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool";
  /** Data, never an instruction to the tokenizer: what looks like one of the model's special tokens stays text. */
  readonly content?: string | readonly { readonly type: "text"; readonly text: string }[] | null;
  readonly [field: string]: unknown;
}

/** A request for the next turn of a conversation. What it shares with {@link CompletionRequest} means the same. */
export interface ChatRequest extends Omit<CompletionRequest, "prompt" | "echo" | "logprobs"> {
  /** The conversation so far. What it shares with the last call need not be computed again. */
  readonly messages: readonly ChatMessage[];
  /** Most new tokens; what fits the model's context, shared among the choices, when absent. */
  readonly max_tokens?: number | null;
  /** OpenAI's newer name of `max_tokens`. */
  readonly max_completion_tokens?: number | null;
  /** Report log-probabilities. */
  readonly logprobs?: boolean | null;
  /** With this many alternatives, up to 5. */
  readonly top_logprobs?: number | null;
  /** Handed to the template. Calls come back as the text that the model writes. */
  readonly tools?: readonly object[] | null;
  /** Handed to the template. Not in OpenAI's API. */
  readonly documents?: readonly object[] | null;
  /** Whether the prompt ends where the assistant begins; default true. Not in OpenAI's API. */
  readonly add_generation_prompt?: boolean | null;
  /** More variables for the template, such as `{ enable_thinking: false }`. Not in OpenAI's API. */
  readonly chat_template_kwargs?: Readonly<Record<string, unknown>> | null;
}

/** A token with its ln p. */
export interface ChatTokenLogprob {
  readonly token: string;
  readonly logprob: number;
  /** Its bytes in UTF-8; `null` for a token without a text. */
  readonly bytes: readonly number[] | null;
}

/** Log-probabilities of the tokens of one choice. */
export interface ChatLogprobs {
  readonly content: readonly (ChatTokenLogprob & { readonly top_logprobs: readonly ChatTokenLogprob[] })[];
}

/** The answer to a {@link ChatRequest}. */
export interface ChatCompletion {
  readonly id: string;
  readonly object: "chat.completion";
  /** Seconds since 1970. */
  readonly created: number;
  /** Name and version of the model. */
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly message: { readonly role: "assistant"; readonly content: string };
    readonly finish_reason: FinishReason;
    readonly logprobs: ChatLogprobs | null;
  }[];
  readonly usage: CompletionUsage;
  /** Seed of choice 0; choice i has `seed + i`. Not in OpenAI's API. */
  readonly seed: number;
  /** Of the whole batch. Not in OpenAI's API. */
  readonly timing: { readonly firstTokenMs: number; readonly tokensPerSecond: number };
}

/** A part of a streamed answer. */
export interface ChatCompletionChunk {
  readonly id: string;
  readonly object: "chat.completion.chunk";
  readonly created: number;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    /** The role comes first, with an empty content; then new text; the last one of a choice is empty. */
    readonly delta: { readonly role?: "assistant"; readonly content?: string };
    /** Comes with the last chunk of each choice, as do its log-probabilities. */
    readonly finish_reason: FinishReason | null;
    readonly logprobs: ChatLogprobs | null;
  }[];
  /** In the last chunk, when `stream_options.include_usage` asks for it. */
  readonly usage?: CompletionUsage;
}
