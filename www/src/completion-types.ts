/** Completions, in OpenAI's shape and snake_case, and the forms that an answer can be given. */

import type { FinishReason } from "./types";

/** A request for completions, in OpenAI's shape. */
export interface CompletionRequest {
  /** The text to continue, exactly as it is, special tokens included; or its token ids. */
  readonly prompt: string | readonly number[];
  /** Most new tokens; default 16. */
  readonly max_tokens?: number | null;
  /** Choices, 1 (default) to 8. */
  readonly n?: number | null;
  /** Strings that end a text; they are not part of it. */
  readonly stop?: string | readonly string[] | null;
  /** Token ids that end a text besides the model's own. Not in OpenAI's API. */
  readonly stop_token_ids?: readonly number[] | null;
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  /** Not in OpenAI's API, as the ones below marked so. */
  readonly top_k?: number | null;
  /** Not in OpenAI's API. */
  readonly min_p?: number | null;
  readonly presence_penalty?: number | null;
  readonly frequency_penalty?: number | null;
  /** Not in OpenAI's API. */
  readonly repetition_penalty?: number | null;
  /** Not in OpenAI's API. */
  readonly no_repeat_ngram_size?: number | null;
  readonly logit_bias?: Readonly<Record<number, number>> | null;
  readonly seed?: number | null;
  /** Report log-probabilities with this many alternatives, up to 5. */
  readonly logprobs?: number | null;
  /** Give the prompt back before the text. Needs a prompt that is a text. */
  readonly echo?: boolean | null;
  /** Tokens per readback from the GPU after the first two; 0 (default) adapts. Not in OpenAI's API. */
  readonly steps_per_readback?: number | null;
  /**
   * JSON, of a schema or of any object: see {@link ResponseFormat}. Where this is asked for for the first time, the engine
   * fetches a module for it. `max_tokens` is 256 then, when absent; where it may be too small, that is a TypeError.
   */
  readonly response_format?: ResponseFormat | null;
  /** A text by a regular expression, a choice, or a schema. As vLLM has it; not in OpenAI's API. */
  readonly structured_outputs?: StructuredOutputs | null;
  /** Chunks as they come instead of one answer. */
  readonly stream?: boolean | null;
  readonly stream_options?: {
    /** One more chunk at the end, with `usage` and without choices. */
    readonly include_usage?: boolean | null;
  } | null;
}

/**
 * A JSON schema. Supported are `type`, `enum`, `const`, `properties`, `required`, `additionalProperties`, `items`, `minItems`,
 * `maxItems`, `minLength`, `maxLength`, `pattern`, `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`, `anyOf`, and
 * `$ref` to `$defs` without recursion; `title`, `description` and the like say nothing. Any other keyword is a TypeError.
 */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/** The form of an answer, in OpenAI's shape. */
export type ResponseFormat =
  | { readonly type: "text" }
  /** Any JSON object, of three levels at most. */
  | { readonly type: "json_object" }
  | {
      readonly type: "json_schema";
      readonly json_schema: {
        readonly name?: string;
        readonly description?: string;
        readonly strict?: boolean | null;
        readonly schema: JsonSchema;
      };
    };

/** The form of an answer, as vLLM has it. */
export type StructuredOutputs =
  /** The whole text matches. No look-around, back-reference, flag or `\p`. */
  | { readonly regex: string }
  | { readonly json: JsonSchema }
  /** The text is one of these. */
  | { readonly choice: readonly string[] };

/** Log-probabilities of the tokens of one choice. */
export interface CompletionLogprobs {
  readonly tokens: readonly string[];
  readonly token_logprobs: readonly number[];
  readonly top_logprobs: readonly Readonly<Record<string, number>>[];
  /** Where each token begins in the text, in characters. */
  readonly text_offset: readonly number[];
}

/** One choice of a completion. */
export interface CompletionChoice {
  readonly index: number;
  readonly text: string;
  readonly finish_reason: FinishReason;
  readonly logprobs: CompletionLogprobs | null;
}

/** Tokens used by a completion. */
export interface CompletionUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** The answer to a {@link CompletionRequest}. */
export interface Completion {
  readonly id: string;
  readonly object: "text_completion";
  /** Seconds since 1970. */
  readonly created: number;
  /** Name and version of the model. */
  readonly model: string;
  readonly choices: readonly CompletionChoice[];
  readonly usage: CompletionUsage;
  /** Seed of choice 0; choice i has `seed + i`. Not in OpenAI's API. */
  readonly seed: number;
  /** Of the whole batch, as in {@link Copy}. Not in OpenAI's API. */
  readonly timing: { readonly firstTokenMs: number; readonly tokensPerSecond: number };
}

/** A part of a streamed completion. */
export interface CompletionChunk {
  readonly id: string;
  readonly object: "text_completion";
  readonly created: number;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly text: string;
    /** Comes with the last chunk of each choice, as do its log-probabilities. */
    readonly finish_reason: FinishReason | null;
    readonly logprobs: CompletionLogprobs | null;
  }[];
  /** In the last chunk, when `stream_options.include_usage` asks for it. */
  readonly usage?: CompletionUsage;
}
