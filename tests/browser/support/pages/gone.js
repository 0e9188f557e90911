/** Put before the package's worker by the test server: the GPU goes away with the first text, and for good. */
{
  const { requestDevice } = GPUAdapter.prototype;
  let device;
  GPUAdapter.prototype.requestDevice = async function (...args) {
    if (device) throw new DOMException("the GPU is gone", "OperationError");
    return (device = await requestDevice.apply(this, args));
  };
  addEventListener("message", ({ data }) => {
    if (data.type === "call") device.destroy();
  });
}
