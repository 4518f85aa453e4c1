import { join } from "node:path";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { turnScheduler } from "../testing/turn-scheduler.ts";
import { historyContract } from "./history-contract.ts";
import { WorkerHistory } from "./worker-history.ts";

const folder = temporaryFolder();
let files = 0;

historyContract("SQLite on a thread", () => {
	files += 1;
	return WorkerHistory.open({ path: join(folder, `${files}.sqlite`), scheduler: turnScheduler });
});
