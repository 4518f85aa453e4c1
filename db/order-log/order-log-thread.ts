import { serveThread } from "../thread/serve-thread.ts";
import { orderLogCore } from "./order-log-core.ts";
import { OrderLogFile } from "./order-log-file.ts";

/** The thread of the embedded order log, which its client starts with the path of its file. */
serveThread((path: string) => orderLogCore(new OrderLogFile(path)));
