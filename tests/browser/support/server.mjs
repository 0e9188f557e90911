/**
 * The site that the tests visit, on this machine only: the demo, the package, small pages of our own, and the model
 * under as many names as a test wants, each of which can be made to fail in its own way.
 */
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";

/** The repository. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The strictest policy under which everything works, and where violations are told: page and worker alike. */
export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; style-src 'self'";
const REPORTS = "/violations";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
};

/**
 * Folders by the beginning of a path; the first that fits counts. `/counted/pkg/` is the package with a worker that
 * counts what it asks of the GPU; other names put other scripts before the worker. `/m/ANY/` is the default model,
 * `/halves/ANY/` one whose file is not packed, `/gguf/ANY/` has tiny ones in GGUF, `/encoder/ANY/` encoders: a name of
 * its own gives each test its own faults.
 */
const MOUNTS = [
  ["/test/", "tests/browser/support/pages/"],
  ["/element/", "tests/browser/support/element/"],
  ["/axe/", "www/node_modules/axe-core/"],
  ["/counted/pkg/", "pkg/"],
  ["/full/pkg/", "pkg/"],
  ["/blocked/pkg/", "pkg/"],
  ["/gone/pkg/", "pkg/"],
  ["/pkg/", "pkg/"],
  [/^\/m\/[^/]+\//, "pkg/models/default/"],
  [/^\/halves\/[^/]+\//, "tests/models/f16/"],
  [/^\/gguf\/[^/]+\//, "tests/fixtures/gguf/"],
  [/^\/encoder\/[^/]+\//, "tests/fixtures/encoder/"],
  ["/", "www/dist/"],
];

/** What comes before the package's worker. */
const BEFORE = {
  "/counted/pkg/worker.js": "counter.js",
  "/full/pkg/worker.js": "full.js",
  "/blocked/pkg/worker.js": "blocked.js",
  "/gone/pkg/worker.js": "gone.js",
};

/** The file that answers a path; undefined for what leads out of its folder. */
function fileOf(path, mounts) {
  for (const [at, folder] of mounts) {
    const start =
      typeof at === "string"
        ? path.startsWith(at)
          ? at
          : undefined
        : at.exec(path)?.[0];
    if (start === undefined) continue;
    const rest = path.slice(start.length);
    const name = rest === "" || rest.endsWith("/") ? `${rest}index.html` : rest;
    const base = resolve(ROOT, folder) + sep;
    const file = normalize(join(base, name));
    return file.startsWith(base) ? file : undefined;
  }
  return undefined;
}

async function bytesOf(path, mounts) {
  const file = fileOf(path, mounts);
  if (file === undefined) return undefined;
  const body = await readFile(file).catch(() => undefined);
  if (body === undefined || !(path in BEFORE)) return body;
  return Buffer.concat([
    await readFile(join(ROOT, "tests/browser/support/pages", BEFORE[path])),
    Buffer.from("\n"),
    body,
  ]);
}

/** Serves until `close()`. */
export async function serve() {
  const site = new Site();
  await site.start();
  return site;
}

class Site {
  /**
   * Every request: `{ method, path, query, range, status, sent, complete }`. `complete` is false when the browser
   * hung up.
   */
  log = [];
  /** What the policy forbade and a browser reported. */
  violations = [];
  #faults = new Map();
  #mounts = [...MOUNTS];
  /** Whether pages of other origins may read what is served here. */
  open = false;
  #sockets = new Set();
  #server = createServer(
    (request, response) => void this.#answer(request, response),
  );

  async start() {
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    await new Promise((done, failed) => {
      this.#server.once("error", failed);
      this.#server.listen(0, "127.0.0.1", done);
    });
  }

  /** The address of a path. */
  url(path) {
    return `http://127.0.0.1:${this.#server.address().port}${path}`;
  }

  /**
   * What goes wrong at a path, until it is replaced:
   * `{ status }` an error; `{ body }` another text; `{ size, chunks }` what a generator yields, as it is taken; `{ truncate: n }` an answer that ends, properly, after n bytes; `{ extend: n }` n more;
   * `{ flip: n }` one bit of byte n; `{ drop: n }` a connection that breaks at byte n of the file; `{ cut: n }` an answer
   * of untold length that ends there; `{ hold: n }` bytes up to n and then nothing more until `release()`;
   * `{ policy }` another policy, `{ json }` an answer for each request, made by a function of its body;
   * `{ ranges: false }` a server that knows no ranges; `{ blind: true }` one that knows no If-Range; `{ etag }` another version, or none for `null`; `{ only: "HEAD" }`
   * for requests of this method alone. Returned are also `reached`, a promise that the n bytes are under way, and
   * `gone`, whether the connection has ended. With several, each answers once, and the last one for good.
   */
  fault(path, ...hows) {
    const faults = hows.map((how) => {
      const fault = { ...how };
      fault.reached = new Promise((reached) => {
        fault.reach = reached;
      });
      fault.released = new Promise((released) => {
        fault.release = released;
      });
      return fault;
    });
    this.#faults.set(path, faults);
    return faults[0];
  }

  /** Serves a folder of this machine below a path. */
  mount(path, folder) {
    this.#mounts.unshift([path, folder]);
  }

  /** The fault of a request. */
  #fault(path, method) {
    const faults = this.#faults.get(path) ?? [];
    const [fault] = faults;
    if (!fault || (fault.only && fault.only !== method)) return {};
    if (faults.length > 1) faults.shift();
    return fault;
  }

  /** All is well again at this path, or everywhere. */
  heal(path) {
    if (path === undefined) this.#faults.clear();
    else this.#faults.delete(path);
  }

  /** Paths of the requests since entry `from` of the log. */
  paths(from = 0) {
    return this.log.slice(from).map((entry) => entry.path);
  }

  async close() {
    for (const faults of this.#faults.values())
      for (const fault of faults) fault.release();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  async #answer(request, response) {
    const asked = new URL(request.url, "http://127.0.0.1");
    const path = decodeURIComponent(asked.pathname);
    if (path === REPORTS) return this.#report(request, response);
    const { method, headers: told } = request;
    const entry = {
      method,
      path,
      query: asked.search,
      range: told.range,
      status: 0,
      sent: 0,
      complete: false,
    };
    this.log.push(entry);
    const fault = this.#fault(path, method);
    response.on("finish", () => {
      entry.complete = true;
    });
    response.on("close", () => {
      fault.gone = true;
    });
    if (fault.chunks) return this.#generate(fault, entry, response);
    if (fault.json) return this.#tell(fault, entry, request, response);
    const found =
      fault.body === undefined
        ? await bytesOf(path, this.#mounts)
        : Buffer.from(fault.body);
    const good = fault.status === undefined && found !== undefined;
    const whole = damaged(good ? found : Buffer.from("not here"), fault);
    const version = good ? createHash("sha1").update(whole).digest("hex") : "";
    const etag = fault.etag === undefined ? `"${version}"` : fault.etag;
    const range =
      good && fault.ranges !== false
        ? rangeOf(told, fault.blind ? undefined : etag)
        : undefined;
    const start = range?.start ?? 0;
    const { length } = whole;
    const beyond = start >= length && start > 0;
    entry.status =
      fault.status ?? (found ? (beyond ? 416 : range ? 206 : 200) : 404);
    const stop = Math.min(length, range?.stop ?? length);
    const body = beyond ? Buffer.alloc(0) : whole.subarray(start, stop);
    const headers = {
      "Content-Type":
        TYPES[extname(path) || (path.endsWith("/") ? ".html" : "")] ??
        "application/octet-stream",
      ...(fault.cut === undefined && { "Content-Length": body.length }),
      ...(good && etag !== null && { ETag: etag }),
      ...(entry.status === 206 && {
        "Content-Range": `bytes ${start}-${stop - 1}/${length}`,
      }),
      "Content-Security-Policy":
        fault.policy ?? `${POLICY}; report-uri ${REPORTS}`,
      "X-Content-Type-Options": "nosniff",
      ...(this.open && { "Access-Control-Allow-Origin": "*" }),
      // Each visit asks anew, so that the log tells everything.
      "Cache-Control": "no-store",
    };
    response.writeHead(entry.status, headers);
    if (method === "HEAD") return void response.end();
    const limit = fault.hold ?? fault.drop ?? fault.cut ?? Infinity;
    const until = Math.min(Math.max(limit - start, 0), body.length);
    entry.sent = until;
    if (until >= body.length) return void response.end(body);
    if (fault.cut !== undefined)
      return void response.end(body.subarray(0, until));
    response.write(body.subarray(0, until), () => {
      fault.reach();
      if (fault.drop !== undefined) response.destroy();
    });
    if (fault.hold === undefined) return undefined;
    await fault.released;
    if (response.destroyed) return undefined;
    entry.sent = body.length;
    return void response.end(body.subarray(until));
  }

  /** Sends a body that is never whole here. */
  async #generate({ size, chunks }, entry, response) {
    entry.status = 200;
    response.writeHead(200, {
      "Content-Type": "application/octet-stream",
      "Content-Length": size,
      "Cache-Control": "no-store",
    });
    const counted = function* () {
      for (const chunk of chunks()) {
        entry.sent += chunk.length;
        yield chunk;
      }
    };
    // A browser that hangs up ends it.
    await pipeline(Readable.from(counted()), response).catch(() => undefined);
  }

  /** Answers as a service would. */
  async #tell({ json, status = 200 }, entry, request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    entry.status = status;
    entry.body = Buffer.concat(parts).toString();
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(await json(JSON.parse(entry.body))));
  }

  async #report(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    this.violations.push(Buffer.concat(parts).toString());
    response.writeHead(204).end();
  }
}

/** The part of the file that a request wants; undefined when it wants all, or the part of another version. */
function rangeOf({ range, "if-range": version }, etag) {
  const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  if (start === undefined) return undefined;
  if (version !== undefined && etag !== undefined && version !== etag)
    return undefined;
  return { start: Number(start), stop: end ? Number(end) + 1 : Infinity };
}

function damaged(bytes, fault) {
  if (fault.extend !== undefined)
    return Buffer.concat([bytes, Buffer.alloc(fault.extend)]);
  const body =
    fault.truncate === undefined ? bytes : bytes.subarray(0, fault.truncate);
  if (fault.flip === undefined) return body;
  const copy = Buffer.from(body);
  copy[fault.flip] ^= 1;
  return copy;
}
