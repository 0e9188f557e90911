/** One way down an element's ladder: those who may write are asked one after the other, until a text is in place. */

import type { Brief } from "../types";
import { number } from "./attributes";
import { tell } from "./events";
import { unreachable, type Pool, type Written } from "./pool";
import { explain, Fallback } from "./reasons";
import { visitorSeed } from "./gates";
import type { FallbackDetail, Proposal, Step } from "./types";

/** Milliseconds that a step may take where `timeout` says nothing. */
const PATIENCE = 30_000;
/** Texts to choose from where `variants` says nothing: small models break rules. */
const CHOICES = 4;
/** Batches that the engine writes until one text keeps all rules. */
const ROUNDS = 2;

/** What is to be written, for whom, and what becomes of it. */
export interface Descent {
  readonly host: HTMLElement;
  readonly brief: Brief;
  readonly ladder: readonly Step[];
  /** Ends all of it. */
  readonly signal: AbortSignal;
  /** The seed of the engine's text that is not wanted again. */
  readonly not: number | undefined;
  /** The engine, which stays while the element is in. */
  readonly enter: () => Pool;
  /** Puts one of these in place, or throws why none can be. */
  readonly choose: (proposals: readonly Proposal[], language: string) => Promise<void>;
}

/** Why each step failed; nothing when a text is in place. The signal's reason is thrown. */
export async function descend(descent: Descent): Promise<FallbackDetail["steps"] | undefined> {
  const { host, brief, signal, choose } = descent;
  const failed: { step: Proposal["source"]; reason: FallbackDetail["reason"] }[] = [];
  for (const step of descent.ladder) {
    const source = typeof step === "string" ? step : "text" in step ? "text" : "endpoint";
    const patience = number(host, "timeout") ?? PATIENCE;
    // It bounds the writing alone: a text that is there may wait for the place to be free.
    const both = patience > 0 ? AbortSignal.any([signal, AbortSignal.timeout(patience)]) : signal;
    try {
      if (step === "engine") await engine(descent, both);
      else {
        busy(host, both);
        const { ask } = await import("../ladder").catch(unreachable);
        await choose(await ask(step, brief, { n: choices(host), signal: both }), brief.language ?? "");
      }
      return undefined;
    } catch (error) {
      if (signal.aborted) throw error;
      failed.push({ step: source, reason: explain(error) });
    }
  }
  return failed;
}

/** The engine's texts, in batches with seeds that follow each other. */
async function engine({ host, brief, not, enter, choose }: Descent, signal: AbortSignal): Promise<void> {
  const pool = enter();
  const n = choices(host);
  const asked = host.getAttribute("seed");
  const place = host.id || `${brief.format} ${brief.name}`;
  const own = asked === "visitor" ? visitorSeed(place) : asked === null ? undefined : Number(asked);
  const first = not === undefined ? own : not + 1;
  for (let round = 0; ; round += 1) {
    const written: Written = await pool.write({
      brief,
      seed: first === undefined ? undefined : (first + round * n) % 2 ** 32,
      n,
      temperature: number(host, "temperature"),
      signal,
      onProgress: (loaded) => tell(host, "copy-progress", { loaded }),
      onWriting: () => busy(host, signal),
    });
    const personalised = brief.context?.interest !== undefined;
    const proposals = written.copies.map(({ text, checks, model, seed }): Proposal => {
      return { text, checks, model, seed, source: "engine", personalised };
    });
    try {
      return await choose(proposals, written.language);
    } catch (error) {
      const other = error instanceof Fallback && ["checks", "fit"].includes(error.reason);
      if (!other || round + 1 >= ROUNDS || signal.aborted) throw error;
    }
  }
}

/** Texts to choose from. */
const choices = (host: Element): number => Math.min(8, Math.max(1, number(host, "variants") || CHOICES));

function busy(host: Element, signal: AbortSignal): void {
  if (!signal.aborted) host.setAttribute("aria-busy", "true");
}
