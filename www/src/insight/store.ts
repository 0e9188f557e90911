/**
 * Keeps histories and settings on the visitor's device so that the disk alone tells nothing: values by AES-GCM with 256 bits,
 * keys by HMAC-SHA-256, in a database of its own. The key to it is made here and cannot be exported, or comes from a
 * passphrase by PBKDF2.
 *
 * What that is worth: a key on the device protects against whoever copies values out of the database, and not against scripts of
 * the same origin; a passphrase also protects the device when it is lost. Neither hides how many values there are, how long
 * they are, or that an old one was put in a newer one's place.
 */

import { erase, finished, openDatabase, requested } from "./database";
import { deviceKeys, passphraseKeys, ITERATIONS, type Keys } from "./keys";

/** How to open a store. */
export interface StoreOptions {
  /** What the key is made from. Without one a key is made on this device and kept beside the data. */
  readonly passphrase?: string;
  /** Ends the opening. */
  readonly signal?: AbortSignal;
}

/** Of the format below. */
const VERSION = 1;

/** What is encrypted, and the number that makes it differ from the same text elsewhere. */
interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly data: ArrayBuffer;
}

/** What a database says of itself. */
interface Header {
  readonly version: number;
  /** Of a passphrase. */
  readonly salt?: Uint8Array<ArrayBuffer>;
  readonly iterations?: number;
  /** Of this device. */
  readonly keys?: Keys;
  /** Opens with the right key only. */
  readonly check: Sealed;
}

const inside = Symbol("EncryptedStore");

/** A store that is open. Values are what JSON can say. */
export class EncryptedStore {
  readonly name: string;
  #database: IDBDatabase | undefined;
  readonly #keys: Keys;

  /** @internal */
  constructor(guard: symbol, name: string, database: IDBDatabase, keys: Keys) {
    if (guard !== inside) throw new TypeError("Illegal constructor: use EncryptedStore.open()");
    this.name = name;
    this.#database = database;
    this.#keys = keys;
    // Another tab erases it.
    database.onversionchange = (): void => this.close();
    database.onclose = (): void => this.close();
  }

  /**
   * Opens the store of this name, and makes it if there is none. A wrong passphrase, or a missing one, is an
   * `InvalidAccessError`; a damaged header a `DataError`; a later version's store a `NotSupportedError`.
   */
  static async open(name: string, { passphrase, signal }: StoreOptions = {}): Promise<EncryptedStore> {
    if (typeof name !== "string" || name === "") throw new TypeError("name is empty");
    if (passphrase === "") throw new TypeError("passphrase is empty");
    signal?.throwIfAborted();
    if (!globalThis.crypto?.subtle || !globalThis.indexedDB)
      throw new DOMException("WebCrypto and IndexedDB are needed, in a secure context", "NotSupportedError");
    const database = await openDatabase(name);
    try {
      const found: unknown = await requested(database.transaction("header").objectStore("header").get("header"));
      const header = found === undefined ? await begin(name, database, passphrase) : checked(found);
      const keys = await keysOf(header, passphrase);
      await unseal(keys, header.check, name, "check").catch(() => {
        throw refused("the key is not this store's, or its header was changed");
      });
      signal?.throwIfAborted();
      return new EncryptedStore(inside, name, database, keys);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Erases the store of this name, without its key. It is no error if there is none. */
  static erase(name: string): Promise<void> {
    return erase(name);
  }

  /** The value of a key; `undefined` if there is none. What was changed by somebody else is a `DataError`. */
  async get<T = unknown>(key: string): Promise<T | undefined> {
    const id = await this.#id(key);
    const found: unknown = await requested(this.#data("readonly").get(id));
    if (found === undefined) return undefined;
    const entry = await this.#read(found, id);
    if (entry.key !== key) throw damaged(this.name);
    return entry.value as T;
  }

  /** Keeps a value. */
  async set(key: string, value: unknown): Promise<void> {
    const text = JSON.stringify({ key, value });
    if (JSON.stringify(value) === undefined) throw new TypeError("value is nothing that JSON can say");
    const id = await this.#id(key);
    const sealed = await seal(this.#keys, text, this.name, id);
    const data = this.#data("readwrite");
    data.put(sealed, id);
    await finished(data.transaction);
  }

  /** Forgets a value. */
  async delete(key: string): Promise<void> {
    const id = await this.#id(key);
    const data = this.#data("readwrite");
    data.delete(id);
    await finished(data.transaction);
  }

  /** The keys that have a value. */
  async keys(): Promise<string[]> {
    const data = this.#data("readonly");
    const [ids, all] = await Promise.all([requested(data.getAllKeys()), requested<unknown[]>(data.getAll())]);
    const entries = await Promise.all(all.map((sealed, i) => this.#read(sealed, String(ids[i]))));
    return entries.map(({ key }) => key).sort();
  }

  /** Deletes the database with the key in it, and closes the store, in other tabs, too. */
  async erase(): Promise<void> {
    this.#open();
    this.close();
    await erase(this.name);
  }

  /** Lets go of the database. What is kept stays. */
  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  #open(): IDBDatabase {
    if (!this.#database) throw new DOMException("the store is closed or was erased", "InvalidStateError");
    return this.#database;
  }

  #data(mode: IDBTransactionMode): IDBObjectStore {
    return this.#open().transaction("data", mode).objectStore("data");
  }

  /** Where a key's value lies. */
  async #id(key: string): Promise<string> {
    this.#open();
    if (typeof key !== "string") throw new TypeError("key is no string");
    const mac = await crypto.subtle.sign("HMAC", this.#keys.name, new TextEncoder().encode(key));
    return Array.from(new Uint8Array(mac), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async #read(found: unknown, id: string): Promise<{ key: string; value: unknown }> {
    try {
      return JSON.parse(await unseal(this.#keys, found as Sealed, this.name, id)) as { key: string; value: unknown };
    } catch {
      throw damaged(this.name);
    }
  }
}

/** Makes a store's header, unless another tab is quicker. */
async function begin(name: string, database: IDBDatabase, passphrase: string | undefined): Promise<Header> {
  const secret =
    passphrase === undefined
      ? { keys: await deviceKeys() }
      : { salt: crypto.getRandomValues(new Uint8Array(16)), iterations: ITERATIONS };
  const keys = await keysOf({ version: VERSION, ...secret }, passphrase);
  const made: Header = { version: VERSION, ...secret, check: await seal(keys, "check", name, "check") };
  const transaction = database.transaction("header", "readwrite");
  const store = transaction.objectStore("header");
  const there: unknown = await requested(store.get("header"));
  if (there === undefined) store.put(made, "header");
  await finished(transaction);
  return there === undefined ? made : checked(there);
}

function checked(found: unknown): Header {
  const header = found as Partial<Header>;
  if (typeof header?.version === "number" && header.version > VERSION)
    throw new DOMException(`the store is of version ${header.version}, this reads ${VERSION}`, "NotSupportedError");
  const { keys, salt, iterations = 0, check, version } = header ?? {};
  const secret = keys ? keys.encrypt && keys.name : salt && iterations >= ITERATIONS;
  if (version !== VERSION || !secret || !check?.iv || !check.data)
    throw new DOMException("the store's header is damaged", "DataError");
  return header as Header;
}

async function keysOf(header: Omit<Header, "check">, passphrase: string | undefined): Promise<Keys> {
  if (header.keys) {
    if (passphrase !== undefined) throw refused("the store has a key of this device and no passphrase");
    return header.keys;
  }
  if (passphrase === undefined || !header.salt) throw refused("the store needs its passphrase");
  return passphraseKeys(passphrase, header.salt, header.iterations ?? ITERATIONS);
}

/** Encrypts a text for one place of one store: in any other it is as good as damaged. */
async function seal(keys: Keys, text: string, name: string, id: string): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const algorithm = { name: "AES-GCM", iv, additionalData: place(name, id) };
  return { iv, data: await crypto.subtle.encrypt(algorithm, keys.encrypt, new TextEncoder().encode(text)) };
}

async function unseal(keys: Keys, { iv, data }: Sealed, name: string, id: string): Promise<string> {
  const algorithm = { name: "AES-GCM", iv, additionalData: place(name, id) };
  return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, keys.encrypt, data));
}

function place(name: string, id: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(["copywright-store", VERSION, name, id]));
}

function refused(why: string): DOMException {
  return new DOMException(why, "InvalidAccessError");
}

function damaged(name: string): DOMException {
  return new DOMException(`a value of the store ${JSON.stringify(name)} was damaged or changed`, "DataError");
}
