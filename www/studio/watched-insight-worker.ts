// The worker of insight, with the watch beside it.
import "../src/insight-worker";
import "./watched";
