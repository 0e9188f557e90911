/** Requests for answers of a given form. */

const NAMES = ["response_format", "responseFormat", "structured_outputs", "structuredOutputs"];

const TEXT = '{"type":"text"}';

/** A request without what it says of the answer's form, and that form as the engine takes it. */
export async function structured(request: object): Promise<[object, Uint32Array | undefined]> {
  const fields = Object.entries(request);
  const form = fields.filter(([name, value]) => NAMES.includes(name) && value !== undefined && value !== null);
  const rest = Object.fromEntries(fields.filter(([name]) => !NAMES.includes(name)));
  // What asks for nothing needs no module.
  const asks = form.filter(([name, value]) => !(name.startsWith("response") && JSON.stringify(value) === TEXT));
  if (asks.length === 0) return [rest, undefined];
  const { formOf } = await import("./schema");
  return [rest, await formOf(Object.fromEntries(form))];
}
