/**
 * Put before the package's worker by the test server: counts what the worker asks of the GPU, below everything that
 * could count wrongly, and answers the page that asks. The worker itself notices nothing, unless it is to lose its GPU.
 */
{
  const totals = {
    devices: 0,
    buffers: 0,
    bindGroups: 0,
    pipelines: 0,
    shaders: 0,
    passes: 0,
    dispatches: 0,
    submits: 0,
    emptySubmits: 0,
    maps: 0,
    writes: 0,
    writtenBytes: 0,
    heapBytes: 0,
  };
  const problems = [];
  /** The newest device, for tests that take it away. */
  let device;
  let uploads;

  const wrap = (owner, name, note) => {
    const real = owner?.prototype[name];
    if (real === undefined) return;
    owner.prototype[name] = function (...args) {
      note(...args);
      return real.apply(this, args);
    };
  };
  const count = (owner, name, key) =>
    wrap(owner, name, () => {
      totals[key] += 1;
    });

  const { requestDevice } = self.GPUAdapter?.prototype ?? {};
  if (requestDevice) {
    GPUAdapter.prototype.requestDevice = async function (...args) {
      totals.devices += 1;
      return (device = await requestDevice.apply(this, args));
    };
  }
  count(self.GPUDevice, "createBuffer", "buffers");
  count(self.GPUDevice, "createBindGroup", "bindGroups");
  count(self.GPUDevice, "createComputePipeline", "pipelines");
  count(self.GPUDevice, "createComputePipelineAsync", "pipelines");
  count(self.GPUDevice, "createShaderModule", "shaders");
  count(self.GPUCommandEncoder, "beginComputePass", "passes");
  count(self.GPUComputePassEncoder, "dispatchWorkgroups", "dispatches");
  count(self.GPUBuffer, "mapAsync", "maps");
  // An empty submission carries no work; Firefox gets some to make it answer.
  wrap(self.GPUQueue, "submit", (commands) => {
    totals[[...commands].length > 0 ? "submits" : "emptySubmits"] += 1;
  });
  wrap(self.GPUQueue, "writeBuffer", (buffer, at, data, offset = 0, size = undefined) => {
    const unit = ArrayBuffer.isView(data) ? (data.BYTES_PER_ELEMENT ?? 1) : 1;
    const bytes = size === undefined ? data.byteLength - offset * unit : size * unit;
    totals.writes += 1;
    totals.writtenBytes += bytes;
    if (!uploads || bytes > 65536 || bytes % 4 !== 0) return;
    const [whole, start] = ArrayBuffer.isView(data) ? [data.buffer, data.byteOffset] : [data, 0];
    const begin = start + offset * unit;
    uploads.push([...new Uint32Array(whole.slice(begin, begin + bytes))]);
  });

  // The memory of the module, to see whether it grows.
  let memory;
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const real = WebAssembly[name];
    WebAssembly[name] = async (...args) => {
      const made = await real.apply(WebAssembly, args);
      memory = (made.instance ?? made).exports.memory;
      return made;
    };
  }

  self.addEventListener("error", (event) => {
    problems.push(`error: ${event.message}`);
  });
  self.addEventListener("unhandledrejection", (event) => {
    problems.push(`unhandled rejection: ${event.reason}`);
  });
  self.addEventListener("message", (event) => {
    const question = event.data?.counter;
    if (question === undefined) return;
    event.stopImmediatePropagation();
    totals.heapBytes = memory?.buffer.byteLength ?? 0;
    const answers = {
      totals: () => ({ ...totals, problems }),
      uploads: () => {
        const recorded = uploads ?? [];
        uploads = [];
        return recorded;
      },
      lose: () => {
        device.destroy();
      },
    };
    event.ports[0].postMessage(answers[question]());
  });
}
