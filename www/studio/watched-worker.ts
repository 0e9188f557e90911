// The engine's worker, with the watch beside it.
import "../src/worker";
import "./watched";
