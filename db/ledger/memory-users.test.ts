import { microtaskScheduler } from "./contract/microtask-scheduler.ts";
import { usersContract } from "./contract/users-contract.ts";
import { MemoryDatabase } from "./memory-database.ts";
import { MemoryUsers } from "./memory-users.ts";

usersContract("MemoryUsers", async () => ({
	users: new MemoryUsers(new MemoryDatabase(), microtaskScheduler),
	close: async () => {},
}));
