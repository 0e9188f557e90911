/**
 * The checks that every text of the engine comes with, for texts from elsewhere. A small module of its own: no model, no
 * GPU, no worker.
 *
 * @module copywright/check
 */

import init, { check as look, hash as digest, instruct as say } from "../generated/check";
import { instantiate } from "./instantiate";
import type { Brief, Check } from "./types";

export type { Brief, Check } from "./types";

/** What a model that follows instructions is to be told. */
export interface Instruction {
  readonly system: string;
  readonly user: string;
}

let ready: Promise<void> | undefined;

function open(): Promise<void> {
  ready ??= instantiate(init, new URL("./check_bg.wasm", import.meta.url)).catch((error: unknown) => {
    ready = undefined;
    throw error;
  });
  return ready;
}

/** Each text in a task of its own: several in a row would hold the page up. */
async function turn(): Promise<void> {
  const { scheduler } = globalThis as { scheduler?: { yield?(): Promise<void> } };
  await (scheduler?.yield ? scheduler.yield() : new Promise<void>((done) => setTimeout(done)));
}

/**
 * Whether a text keeps each rule of its brief.
 *
 * @throws TypeError for a bad brief, NetworkError, NotSupportedError where the policy refuses WebAssembly.
 */
export async function check(text: string, brief: Brief): Promise<readonly Check[]> {
  await open();
  await turn();
  return look(text, brief) as readonly Check[];
}

/** A brief and its rules in words, for a model that follows instructions. Throws as {@link check}. */
export async function instruct(brief: Brief): Promise<Instruction> {
  await open();
  return say(brief) as Instruction;
}

/** The hash of a brief, as results of the engine carry it. Throws as {@link check}. */
export async function briefHash(brief: Brief): Promise<string> {
  await open();
  return digest(brief);
}
