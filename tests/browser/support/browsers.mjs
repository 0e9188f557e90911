/**
 * Chromium and Firefox behind one small interface. Both come from the machine; both compute on software adapters, so
 * that results do not depend on a graphics card.
 */
import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { ROOT } from "./server.mjs";

const require = createRequire(join(ROOT, "www/package.json"));

/** The browsers that Copywright is tested in. */
export const BROWSERS = ["chromium", "firefox"];

const PROGRAMS = {
  chromium: {
    variable: "COPYWRIGHT_CHROMIUM",
    names: [
      "chromium",
      "google-chrome-stable",
      "google-chrome",
      "chromium-browser",
    ],
    install:
      "Debian: sudo apt-get install chromium; Fedora: sudo dnf install chromium; macOS: brew install --cask google-chrome",
  },
  firefox: {
    variable: "COPYWRIGHT_FIREFOX",
    names: ["firefox-esr", "firefox"],
    install:
      "Debian: sudo apt-get install firefox-esr; Fedora: sudo dnf install firefox; macOS: brew install --cask firefox",
  },
};

/** The program of a browser, or an error that says how to install it. */
export function program(name) {
  const { variable, names, install } = PROGRAMS[name];
  const chosen = process.env[variable];
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin"];
  const places = chosen
    ? [chosen]
    : names.flatMap((n) => folders.map((folder) => join(folder, n)));
  const found = places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (found) return found;
  throw new Error(
    `${chosen ? `${variable} is ${chosen}, which cannot be run` : `${name} was not found`}. ${install}. A browser in an unusual place is taken from ${variable}.`,
  );
}

/**
 * Starts a browser. `webgpu` is `"software"` for an adapter that computes the same everywhere, `"any"` for the best that
 * the machine has, `"none"` for a browser without a usable one. `dark`: its user prefers dark pages.
 */
export function launch(name, { webgpu = "software", dark = false } = {}) {
  return (name === "chromium" ? Chromium : Firefox).launch(webgpu, dark);
}

/** What both kinds of page keep: what went wrong, and what was asked of the network. */
class Page {
  /** Errors of the page and its workers, and whatever the console shows as an error or a warning. */
  problems = [];
  /** Addresses that the browser says it asked for. */
  requests = [];

  constructor(page) {
    this.page = page;
  }

  /** Runs an async function in the page; argument and result go over as JSON. */
  run(body, argument) {
    return this.page.evaluate(body, argument);
  }

  /** A key with its modifiers: "Tab", "Escape", "Control+Enter". */
  async press(keys) {
    const held = keys.split("+");
    const key = held.pop();
    for (const modifier of held) await this.page.keyboard.down(modifier);
    await this.page.keyboard.press(key);
    for (const modifier of held.reverse())
      await this.page.keyboard.up(modifier);
  }

  async shot(path, whole = true) {
    await this.page.screenshot({ path, fullPage: whole });
  }

  note(kind, text) {
    this.problems.push(`${kind}: ${text}`);
  }
}

class Chromium {
  static async launch(webgpu, dark) {
    const { chromium } = require("playwright-core");
    const quiet = [
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ];
    const gpu = {
      software: [
        "--enable-unsafe-webgpu",
        "--use-webgpu-adapter=swiftshader",
        "--enable-features=Vulkan",
      ],
      any: [
        "--enable-unsafe-webgpu",
        "--ignore-gpu-blocklist",
        "--enable-features=Vulkan",
      ],
      none: ["--disable-gpu", "--disable-features=WebGPU"],
    }[webgpu];
    const browser = await chromium.launch({
      executablePath: program("chromium"),
      args: ["--no-sandbox", ...quiet, ...gpu],
    });
    return new Chromium(browser, dark);
  }

  constructor(browser, dark) {
    this.browser = browser;
    this.dark = dark;
  }

  /** A page with cookies and storage of its own. */
  async open(url, { width = 1280, height = 900 } = {}) {
    const colorScheme = this.dark ? "dark" : "light";
    const context = await this.browser.newContext({
      viewport: { width, height },
      colorScheme,
    });
    const page = new ChromiumPage(await context.newPage());
    await page.page.goto(url);
    return page;
  }

  close() {
    return this.browser.close();
  }
}

class ChromiumPage extends Page {
  constructor(page) {
    super(page);
    page.on("console", (m) => {
      if (["error", "warning"].includes(m.type()))
        this.note(m.type(), m.text());
    });
    page.on("pageerror", (e) => this.note("uncaught", e.stack ?? e.message));
    page.on("crash", () => this.note("crash", "the page crashed"));
    page.on("request", (r) => this.requests.push(r.url()));
  }

  resize(width, height) {
    return this.page.setViewportSize({ width, height });
  }

  /** Another tab of the same visitor. */
  async beside(url) {
    const other = new ChromiumPage(await this.page.context().newPage());
    await other.page.goto(url);
    return other;
  }

  /** Closes this tab, and leaves the visitor's storage. */
  leave() {
    return this.page.close();
  }

  /** Gives this visitor's pages of an origin so much room. */
  async quota(origin, quotaSize) {
    const session = await this.page.context().newCDPSession(this.page);
    await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize });
  }

  close() {
    return this.page.context().close();
  }
}

class Firefox {
  static async launch(webgpu, dark) {
    const puppeteer = require("puppeteer-core");
    // Which adapter it finds is a matter of the Vulkan driver: VK_DRIVER_FILES names the software one in tests.
    const enabled = webgpu !== "none";
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath: program("firefox"),
      headless: true,
      extraPrefsFirefox: {
        "dom.webgpu.enabled": enabled,
        "dom.webgpu.workers.enabled": enabled,
        "gfx.webgpu.ignore-blocklist": enabled,
        // The browser would ask for /favicon.ico, which the policy rightly forbids.
        "browser.chrome.site_icons": false,
        "layout.css.prefers-color-scheme.content-override": dark ? 0 : 1,
      },
    });
    return new Firefox(browser);
  }

  constructor(browser) {
    this.browser = browser;
  }

  /** A page with cookies and storage of its own. */
  async open(url, { width = 1280, height = 900 } = {}) {
    const context = await this.browser.createBrowserContext();
    const page = new FirefoxPage(await context.newPage(), context);
    await page.resize(width, height);
    await page.page.goto(url);
    return page;
  }

  close() {
    return this.browser.close();
  }
}

class FirefoxPage extends Page {
  constructor(page, context) {
    super(page);
    this.context = context;
    page.on("console", (m) => {
      if (["error", "warn", "warning"].includes(m.type()))
        this.note(m.type(), m.text());
    });
    page.on("pageerror", (e) => this.note("uncaught", e.stack ?? e.message));
    page.on("request", (r) => this.requests.push(r.url()));
  }

  resize(width, height) {
    return this.page.setViewport({ width, height });
  }

  /** Another tab of the same visitor. */
  async beside(url) {
    const other = new FirefoxPage(await this.context.newPage(), this.context);
    await other.page.goto(url);
    return other;
  }

  /** Closes this tab, and leaves the visitor's storage. */
  leave() {
    return this.page.close();
  }

  close() {
    return this.context.close();
  }
}
