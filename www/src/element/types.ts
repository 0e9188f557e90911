/** What `<copy-wright>` takes and tells. */

import type { Check, PartialBrief } from "../types";

/**
 * Who may write, in the site's order. `"engine"` is Copywright's own, on the visitor's GPU; `"prompt-api"` the browser's
 * built-in model, where there is one; `{ endpoint }` a server that speaks OpenAI's chat completions; `{ text }` a text of
 * the site's own. Whatever comes is checked by the same rules, and nobody is asked who is not listed.
 */
export type Step = "engine" | "prompt-api" | EndpointStep | { readonly text: string };

/** A server of the site's. The brief is sent to it, without what the visitor is interested in. */
export interface EndpointStep {
  /** Address of its chat completions, such as `/v1/chat/completions`. */
  readonly endpoint: string | URL;
  /** Which of its models. */
  readonly model?: string;
  /** Headers of the request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The consents that a visitor may give; both are refused until the page says otherwise. */
export interface Consent {
  /** The model, and the number that a visitor's seed is made of, may be kept on the device. */
  readonly storage?: boolean;
  /** What the page says of this visitor's interest may go into a brief. */
  readonly personalisation?: boolean;
}

/** Why the page's own text stays. */
export type Reason =
  /** A consent that the element needs was not given. */
  | "consent"
  /** The visitor asked for less data. */
  | "save-data"
  /** The browser has no network, and the model is not here. */
  | "offline"
  /** No WebGPU, or no adapter. */
  | "no-webgpu"
  /** The policy of the page refuses WebAssembly. */
  | "csp"
  /** A file did not come. */
  | "network"
  /** A file came damaged, or is none that is known. */
  | "damaged"
  /** The GPU failed, or was lost and did not come back. */
  | "gpu"
  /** It took longer than `timeout`. */
  | "timeout"
  /** The brief is none; the console says what is wrong with it. */
  | "brief"
  /** The model does not write the language. */
  | "language"
  /** The brief is too long, or the memory not enough. */
  | "quota"
  /** No text kept all rules. */
  | "checks"
  /** No text fits the place. */
  | "fit"
  /** A listener of `copy-beforeswap` declined. */
  | "declined"
  /** This browser has no such thing: no built-in model, an option that is not supported. */
  | "unsupported"
  /** Something else; `message` says what. */
  | "failed";

/** A text that is proposed or shown. */
export interface Proposal {
  readonly text: string;
  readonly checks: readonly Check[];
  /** Who wrote it. */
  readonly source: "engine" | "prompt-api" | "endpoint" | "text";
  /** Name of the model, as far as it is known. */
  readonly model: string;
  /** The seed that gives this text again; only of the engine. */
  readonly seed?: number;
  /** The brief had the visitor's interest. */
  readonly personalised: boolean;
}

/** Detail of `copy-progress`. */
export interface ProgressDetail {
  /** How much of the model is here, 0 to 1. */
  readonly loaded: number;
}

/**
 * Detail of `copy-variant`, `copy-beforeswap` and `copy-ready`. No brief, seed or hash is in it, and no text of a brief
 * that was personalised: what listens may send it elsewhere. The element's `proposal` has all of it.
 */
export interface CopyDetail {
  readonly source: Proposal["source"];
  readonly model: string;
  readonly personalised: boolean;
  /** The text; absent when personalised. */
  readonly text?: string;
  /** Each rule, and whether the text keeps it. */
  readonly checks: readonly { readonly rule: string; readonly pass: boolean }[];
}

/** Detail of `copy-fallback`. */
export interface FallbackDetail {
  /** Why the first step failed. */
  readonly reason: Reason;
  /** Every step that was tried, and why it failed. */
  readonly steps: readonly { readonly step: Proposal["source"]; readonly reason: Reason }[];
}

/** The events of `<copy-wright>`. All of them bubble and are composed. */
export interface CopyWrightEventMap {
  "copy-progress": CustomEvent<ProgressDetail>;
  "copy-variant": CustomEvent<CopyDetail>;
  "copy-beforeswap": CustomEvent<CopyDetail>;
  "copy-ready": CustomEvent<CopyDetail>;
  "copy-fallback": CustomEvent<FallbackDetail>;
}

/** The attributes of `<copy-wright>`, as JSX and templates write them. */
export interface CopyWrightAttributes {
  format?: string | undefined;
  name?: string | undefined;
  brand?: string | undefined;
  category?: string | undefined;
  /** Several, with `|` between them; so are `must` and `never`. */
  features?: string | undefined;
  audience?: string | undefined;
  tone?: string | undefined;
  language?: string | undefined;
  must?: string | undefined;
  never?: string | undefined;
  "max-chars"?: number | string | undefined;
  loading?: "lazy" | "eager" | undefined;
  reveal?: "fits" | "any" | undefined;
  consent?: string | undefined;
  timeout?: number | string | undefined;
  seed?: number | string | undefined;
  variants?: number | string | undefined;
  temperature?: number | string | undefined;
  model?: string | undefined;
  ladder?: string | undefined;
}

/** What JSX takes besides: properties that are objects, and listeners by the names of their events (`oncopy-ready`). */
export type CopyWrightProps = Omit<CopyWrightAttributes, "ladder"> & {
  brief?: PartialBrief | undefined;
  context?: PartialBrief["context"];
  ladder?: string | readonly Step[] | undefined;
} & { [K in keyof CopyWrightEventMap as `on${K}`]?: ((event: CopyWrightEventMap[K]) => void) | undefined };
