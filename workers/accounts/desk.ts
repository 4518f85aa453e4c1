import type { Refusal } from "../../schemas/ports/account-service.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { ShardWriter } from "../protocol/shard-writer.ts";
import type { Answers, Lane } from "./answers.ts";
import type { Auditor } from "./auditor.ts";
import type { CallerCheck } from "./caller-check.ts";
import type { Outcomes } from "./outcomes.ts";
import type { AccountState } from "./state.ts";

/** What those who answer requests have in common, in a worker that has its shard. */
export interface Desk {
	readonly state: AccountState;
	readonly writer: ShardWriter;
	readonly answers: Answers;
	readonly outcomes: Outcomes;
	readonly callers: CallerCheck;
	readonly auditor: Auditor;
	readonly clock: Clock;
	/** Why nothing new is taken now; null when it is. */
	overload(lane: Lane): Refusal | null;
}
