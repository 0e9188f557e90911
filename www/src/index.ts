/**
 * Marketing copy, written on the visitor's own GPU. {@link Copywright.create} makes a writer; nothing it is told
 * leaves the page.
 *
 * @module copywright
 */

export { Copywright } from "./copywright";
export { Embedder, type EmbedderOptions } from "./embedder";
export type { ModelInfo } from "./protocol";
export * from "./chat-types";
export * from "./types";
