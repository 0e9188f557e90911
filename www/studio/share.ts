import { FORMATS, TONES, type Brief, type Claim } from "../src/types";

/** What a link carries: enough to write the same texts again. */
export interface Shared {
  readonly brief: Brief;
  readonly n: number;
  readonly seed: number;
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly repetitionPenalty: number;
  readonly maxTokens?: number;
}

const MARK = "#brief=";
/** Longer than any form that a person fills in. */
const LONGEST = 40_000;

/** A link to `page` that carries a brief. What follows a `#` is never sent to anybody: it stays with whoever has the link. */
export function linkTo(page: string, shared: Shared): string {
  const bytes = new TextEncoder().encode(JSON.stringify(shared));
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const safe = btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return page.split("#")[0] + MARK + safe;
}

/**
 * What a link's fragment carries, or nothing. Anybody may have made the link: only known fields of the right type are taken, and
 * all of them are text to show, never markup.
 */
export function shared(hash: string): Shared | undefined {
  if (!hash.startsWith(MARK) || hash.length > LONGEST) return undefined;
  try {
    const binary = atob(hash.slice(MARK.length).replaceAll("-", "+").replaceAll("_", "/"));
    const json = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(binary, (c) => c.charCodeAt(0)));
    const data = record(JSON.parse(json));
    const brief = record(data["brief"]);
    const { format, name } = brief;
    if (typeof name !== "string" || !FORMATS.some((each) => each === format)) return undefined;
    const { interest, question } = record(brief["context"]);
    const maxChars = brief["maxChars"];
    const maxTokens = data["maxTokens"];
    return {
      brief: {
        format,
        name,
        ...only({ brand: text(brief["brand"]), category: text(brief["category"]), audience: text(brief["audience"]) }),
        ...only({ tone: TONES.find((tone) => tone === brief["tone"]) }),
        ...only({ features: list(brief["features"]), must: list(brief["must"]), never: list(brief["never"]) }),
        ...only({ facts: facts(brief["facts"]), allow: claims(brief["allow"]) }),
        ...only({ context: filled(only({ interest: text(interest), question: text(question) })) }),
        ...(typeof maxChars === "number" && Number.isSafeInteger(maxChars) ? { maxChars } : {}),
      } as Brief,
      n: Math.trunc(number(data["n"], 3, 8, 4)),
      seed: Math.trunc(number(data["seed"], 0, 2 ** 32 - 1, 0)),
      temperature: number(data["temperature"], 0, 2, 0.7),
      topP: number(data["topP"], 0.05, 1, 0.95),
      topK: Math.trunc(number(data["topK"], 0, 4096, 0)),
      repetitionPenalty: number(data["repetitionPenalty"], 1, 2, 1),
      ...(typeof maxTokens === "number" ? { maxTokens: Math.trunc(number(maxTokens, 1, 900, 900)) } : {}),
    };
  } catch {
    return undefined;
  }
}

type Data = Readonly<Record<string, unknown>>;

function record(value: unknown): Data {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Data) : {};
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);

function list(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((item): item is string => typeof item === "string");
  return texts.length ? texts : undefined;
}

function facts(value: unknown): Record<string, string> | undefined {
  const pairs = Object.entries(record(value)).filter(([, fact]) => ["string", "number"].includes(typeof fact));
  return pairs.length ? Object.fromEntries(pairs.map(([key, fact]) => [key, String(fact)])) : undefined;
}

function claims(value: unknown): Claim[] | undefined {
  const all = (Array.isArray(value) ? value : []).map(record).flatMap((claim) => {
    const [kind, evidence] = [text(claim["class"]), text(claim["evidence"])];
    return kind && evidence ? [{ class: kind, evidence }] : [];
  });
  return all.length ? all : undefined;
}

function number(value: unknown, least: number, most: number, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : otherwise;
}

/** Without what is absent. */
function only(fields: Data): Data {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const filled = (fields: Data): Data | undefined => (Object.keys(fields).length ? fields : undefined);
