/**
 * Other writers than the engine, in an order of the site's own: the browser's built-in model, a server that speaks OpenAI's
 * chat completions, a text of the site's. Whatever they give is checked by the engine's own rules.
 *
 * @module copywright/ladder
 */

import { check, instruct } from "./check";
import type { Copywright } from "./copywright";
import type { EndpointStep, Proposal, Step } from "./element/types";
import type { Brief, Check } from "./types";

export type { EndpointStep, Proposal, Step } from "./element/types";

/** How to ask. */
export interface AskOptions {
  /** Texts to ask for, at most; 1 when absent. */
  readonly n?: number;
  readonly signal?: AbortSignal;
}

/** How to climb down a ladder. */
export interface ClimbOptions extends AskOptions {
  /** Who may write, in this order. */
  readonly ladder: readonly Step[];
  /** The writer of the step `"engine"`; one is made and destroyed when absent. */
  readonly writer?: Copywright;
  /** Seed of the engine's texts. */
  readonly seed?: number;
  /** Milliseconds that each step may take; as long as it wants when absent. */
  readonly timeout?: number;
}

/** The browser's built-in model, as the Prompt API has it (webmachinelearning/prompt-api, June 2026). */
interface BuiltIn {
  availability(options: object): Promise<string>;
  create(options: object): Promise<Session>;
}

interface Session {
  prompt(input: string, options: object): Promise<string>;
  clone(options: object): Promise<Session>;
  destroy(): void;
}

/** The name of a step in events and results. */
export function sourceOf(step: Step): Proposal["source"] {
  if (typeof step === "string") return step;
  return "text" in step ? "text" : "endpoint";
}

/** Texts of one step other than the engine, each with its checks; whether they pass is the caller's to see. */
export async function ask(step: Exclude<Step, "engine">, brief: Brief, options: AskOptions = {}): Promise<Proposal[]> {
  const impersonal = withoutInterest(brief);
  const source = sourceOf(step);
  const drafts =
    step === "prompt-api"
      ? await builtIn(impersonal, options)
      : "text" in step
        ? { texts: [step.text], model: "" }
        : await endpoint(step, impersonal, options);
  const proposals: Proposal[] = [];
  for (const draft of drafts.texts) {
    const text = source === "text" ? draft : bare(draft);
    const checks = await check(text, impersonal);
    proposals.push({ text, checks, source, model: drafts.model, personalised: false });
  }
  return proposals;
}

/**
 * The first text of the first step that has one which keeps every rule.
 *
 * @throws AggregateError when no step has: its `errors` say why, one for each step. TypeError for a bad brief, or the
 * signal's reason.
 */
export async function climb(brief: Brief, options: ClimbOptions): Promise<Proposal> {
  const errors: unknown[] = [];
  for (const step of options.ladder) {
    options.signal?.throwIfAborted();
    const signals = [options.signal, options.timeout === undefined ? undefined : AbortSignal.timeout(options.timeout)];
    const signal = AbortSignal.any(signals.filter((each) => each !== undefined));
    try {
      const proposals = await (step === "engine"
        ? engine(brief, options, signal)
        : ask(step, brief, { ...options, signal }));
      const good = proposals.find(({ checks }) => passes(checks));
      if (good) return good;
      throw new DOMException(`${sourceOf(step)}: no text keeps all rules`, "DataError");
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof TypeError) throw error;
      errors.push(error);
    }
  }
  throw new AggregateError(errors, "no step of the ladder has a text that keeps all rules");
}

/** Whether all rules are kept. */
export const passes = (checks: readonly Check[]): boolean => checks.every(({ pass }) => pass);

async function engine(brief: Brief, { writer, n = 1, seed }: ClimbOptions, signal: AbortSignal): Promise<Proposal[]> {
  const own = writer ?? (await (await import("./index")).Copywright.create({ signal }));
  try {
    const copies = await own.variants(brief, { n, signal, ...(seed !== undefined && { seed }) });
    const personalised = brief.context?.interest !== undefined;
    return copies.map(({ text, checks, model, seed }) => ({
      text,
      checks,
      model,
      seed,
      source: "engine",
      personalised,
    }));
  } finally {
    if (!writer) own.destroy();
  }
}

interface Drafts {
  readonly texts: readonly string[];
  readonly model: string;
}

/** Only a model that is here already: nobody has asked for gigabytes. One text after the other, until one is good. */
async function builtIn(brief: Brief, { n = 1, signal }: AskOptions): Promise<Drafts> {
  const { LanguageModel } = globalThis as { LanguageModel?: BuiltIn };
  if (!LanguageModel) throw new DOMException("this browser has no built-in model", "NotSupportedError");
  const languages = { expectedOutputs: [{ type: "text", languages: [brief.language ?? "en"] }] };
  const availability = await LanguageModel.availability(languages);
  if (availability !== "available") {
    throw new DOMException(`the browser's built-in model is ${availability}`, "NotSupportedError");
  }
  const { system, user } = await instruct(brief);
  const initialPrompts = [{ role: "system", content: system }];
  const session = await LanguageModel.create({ ...languages, initialPrompts, signal });
  try {
    const texts: string[] = [];
    while (texts.length < n) {
      const turn = await session.clone({ signal });
      try {
        const text = bare(await turn.prompt(user, { signal }));
        texts.push(text);
        if (passes(await check(text, brief))) break;
      } finally {
        turn.destroy();
      }
    }
    return { texts, model: "the browser's" };
  } finally {
    session.destroy();
  }
}

async function endpoint(step: EndpointStep, brief: Brief, { n = 1, signal }: AskOptions): Promise<Drafts> {
  const { system, user } = await instruct(brief);
  const messages = [
    { role: "system", content: system },
    { role: "user", content: user },
  ];
  const { endpoint: address, model, headers } = step;
  const response = await fetch(new URL(address, document.baseURI), {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ ...(model && { model }), messages, n, max_tokens: 400 }),
    referrerPolicy: "no-referrer",
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw new DOMException(`${String(address)}: ${String(error)}`, "NetworkError");
  });
  if (!response.ok) throw new DOMException(`${String(address)}: status ${response.status}`, "NetworkError");
  try {
    const answer = (await response.json()) as { choices: { message: { content: unknown } }[]; model?: unknown };
    const texts = answer.choices.map(({ message }) => {
      if (typeof message.content !== "string") throw new TypeError("a choice without text");
      return message.content;
    });
    return { texts, model: typeof answer.model === "string" ? answer.model : (model ?? "") };
  } catch (error) {
    signal?.throwIfAborted();
    throw new DOMException(`${String(address)}: no chat completion: ${String(error)}`, "DataError");
  }
}

/** What the visitor is interested in stays on their device. */
function withoutInterest(brief: Brief): Brief {
  const { context, ...rest } = brief;
  if (context?.interest === undefined) return brief;
  return context.question === undefined ? rest : { ...rest, context: { question: context.question } };
}

/** Models like to put quotation marks around what they were asked for. */
function bare(text: string): string {
  const trimmed = text.trim();
  const pair = /^(?:"([^"]*)"|“([^”]*)”)$/s.exec(trimmed);
  return pair ? (pair[1] ?? pair[2] ?? "").trim() : trimmed;
}
