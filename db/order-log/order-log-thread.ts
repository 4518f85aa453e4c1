import { serveThread } from "../thread/serve-thread.ts";
import { orderLogCore } from "./order-log-core.ts";
import { OrderLogFile } from "./order-log-file.ts";

serveThread((path: string) => orderLogCore(new OrderLogFile(path)));
