/** Put before the package's worker by the test server: the disk is full after two million bytes. */
{
  let room = 2_000_000;
  const { write } = FileSystemSyncAccessHandle.prototype;
  FileSystemSyncAccessHandle.prototype.write = function (bytes, options) {
    room -= bytes.byteLength;
    if (room < 0)
      throw new DOMException("the disk is full", "QuotaExceededError");
    return write.call(this, bytes, options);
  };
}
