/** IndexedDB in promises. */

/** A store's database; a version of its own, apart from that of the format. */
export async function openDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(nameOf(name), 1);
  request.onupgradeneeded = (): void => {
    request.result.createObjectStore("header");
    request.result.createObjectStore("data");
  };
  return requested(request);
}

/** Deletes a store's database. Resolves once it is gone. */
export async function erase(name: string): Promise<void> {
  await requested(indexedDB.deleteDatabase(nameOf(name)));
}

/** What a request gives. */
export function requested<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = (): void => resolve(request.result);
    request.onerror = (): void => reject(request.error);
  });
}

/** Once a transaction is on the disk. */
export function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = (): void => resolve();
    transaction.onabort = (): void =>
      reject(transaction.error ?? new DOMException("the transaction was aborted", "AbortError"));
  });
}

function nameOf(name: string): string {
  return `copywright-store:${name}`;
}
