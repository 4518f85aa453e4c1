import { serveThread } from "../thread/serve-thread.ts";
import { historyCore } from "./history-core.ts";
import { HistoryFile } from "./history-file.ts";

serveThread((path: string) => historyCore(new HistoryFile(path)));
