/** Put before the package's worker by the test server: a browser that gives no private file system, as in some private windows. */
navigator.storage.getDirectory = () =>
  Promise.reject(new DOMException("not here", "SecurityError"));
