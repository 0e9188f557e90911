/** The site of the comparison, on this machine only. It counts what each page downloads. */
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT } from "../../tests/browser/support/server.mjs";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** Where a path leads, and as what its bytes count. */
const MOUNTS = [
  ["/pages/", "bench/peers/pages/", "ours"],
  ["/npm/", "bench/peers/node_modules/", "runtime"],
  ["/pkg/models/", "pkg/models/", "model"],
  ["/pkg/", "pkg/", "runtime"],
  ["/model/", "target/peers/model/", "model"],
];

/** Serves until `close()`. `log` has what was asked for: `{ path, status, kind, bytes }`. */
export async function serve() {
  const log = [];
  const sizes = new Map();
  const server = createServer((request, response) => {
    answer(request, response, log).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise((done, failed) => {
    server.once("error", failed);
    server.listen(0, "127.0.0.1", done);
  });
  return {
    log,
    url: (path) => `http://127.0.0.1:${server.address().port}${path}`,
    /** Bytes after gzip -9 of the files at these paths. */
    async gzipped(paths) {
      let sum = 0;
      for (const path of paths) {
        if (!sizes.has(path)) {
          const bytes = await readFile(place(path).file);
          sizes.set(path, gzipSync(bytes, { level: 9 }).length);
        }
        sum += sizes.get(path);
      }
      return sum;
    },
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

function place(path) {
  for (const [at, folder, kind] of MOUNTS) {
    if (!path.startsWith(at)) continue;
    const base = join(ROOT, folder);
    const file = normalize(join(base, path.slice(at.length)));
    return file.startsWith(base) ? { file, kind } : undefined;
  }
  return undefined;
}

async function answer(request, response, log) {
  const path = decodeURIComponent(
    new URL(request.url, "http://127.0.0.1").pathname,
  );
  const found = place(path);
  const body = found && (await readFile(found.file).catch(() => undefined));
  const entry = { path, status: body ? 200 : 404, kind: found?.kind, bytes: 0 };
  log.push(entry);
  if (!body) {
    response.writeHead(404).end();
    return;
  }
  const head = {
    "Content-Type": TYPES[extname(path)] ?? "application/octet-stream",
    // Peers may use threads, which needs these two. Copywright does not care.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cache-Control": "no-store",
    "Accept-Ranges": "bytes",
  };
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const [from, to] = range
    ? [Number(range[1]), range[2] ? Number(range[2]) + 1 : body.length]
    : [0, body.length];
  const part = body.subarray(from, to);
  entry.status = range ? 206 : 200;
  if (range)
    head["Content-Range"] =
      `bytes ${from}-${from + part.length - 1}/${body.length}`;
  head["Content-Length"] = part.length;
  response.writeHead(entry.status, head);
  if (request.method === "HEAD") return void response.end();
  entry.bytes = part.length;
  response.end(part);
}
