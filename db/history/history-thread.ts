import { serveThread } from "../thread/serve-thread.ts";
import { historyCore } from "./history-core.ts";
import { HistoryFile } from "./history-file.ts";

/** The thread of the embedded history, which its client starts with the path of its file. */
serveThread((path: string) => historyCore(new HistoryFile(path)));
