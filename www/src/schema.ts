/** The module that turns schemas and regular expressions into automata, a file of its own: other pages never load it. */

import init, { compile } from "../generated/schema";
import { instantiate } from "./instantiate";

/** What a request's `response_format` or `structured_outputs` ask for, as the engine takes it. */
export async function formOf(request: object): Promise<Uint32Array | undefined> {
  await instantiate(init, new URL("./schema_bg.wasm", import.meta.url));
  return compile(JSON.stringify(request));
}
