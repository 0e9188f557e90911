/** Keys that no script can read: one that encrypts, one that hides names. */

/** Of SHA-256; OWASP's recommendation of 2023 for PBKDF2. */
export const ITERATIONS = 600_000;

/** A store's keys. */
export interface Keys {
  /** AES-GCM. */
  readonly encrypt: CryptoKey;
  /** HMAC-SHA-256. */
  readonly name: CryptoKey;
}

const AES = { name: "AES-GCM", length: 256 };
const HMAC = { name: "HMAC", hash: "SHA-256", length: 256 };

/** New ones. They may lie in a database, and leave it only as they are. */
export async function deviceKeys(): Promise<Keys> {
  const [encrypt, name] = await Promise.all([
    crypto.subtle.generateKey(AES, false, ["encrypt", "decrypt"]),
    crypto.subtle.generateKey(HMAC, false, ["sign"]),
  ]);
  return { encrypt: encrypt as CryptoKey, name: name as CryptoKey };
}

/** Those of a passphrase: PBKDF2 once, HKDF for each key. */
export async function passphraseKeys(
  passphrase: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<Keys> {
  const { subtle } = crypto;
  // The same letters, however a keyboard puts them together.
  const letters = new TextEncoder().encode(passphrase.normalize("NFC"));
  const base = await subtle.importKey("raw", letters, "PBKDF2", false, ["deriveBits"]);
  const bits = await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, base, 256);
  const secret = await subtle.importKey("raw", bits, "HKDF", false, ["deriveKey"]);
  const derive = (info: string, kind: typeof AES | typeof HMAC, uses: KeyUsage[]): Promise<CryptoKey> =>
    subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: new TextEncoder().encode(info) },
      secret,
      kind,
      false,
      uses,
    );
  const [encrypt, name] = await Promise.all([
    derive("encrypt", AES, ["encrypt", "decrypt"]),
    derive("name", HMAC, ["sign"]),
  ]);
  return { encrypt, name };
}
