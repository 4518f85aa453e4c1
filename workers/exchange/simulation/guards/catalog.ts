import { accountGuards } from "./account-guards.ts";
import { answerGuards } from "./answer-guards.ts";
import { damageGuards } from "./damage-guards.ts";
import type { Guard } from "./guard.ts";
import { ledgerGuards } from "./ledger-guards.ts";
import { logGuards } from "./log-guards.ts";
import { matchingGuards } from "./matching-guards.ts";
import { overloadGuards } from "./overload-guards.ts";
import { readerGuards } from "./reader-guards.ts";
import { streamGuards } from "./stream-guards.ts";

/** Every rule that can be taken out by name. */
export const GUARDS: readonly Guard[] = [
	...logGuards,
	...matchingGuards,
	...accountGuards,
	...answerGuards,
	...ledgerGuards,
	...overloadGuards,
	...readerGuards,
	...streamGuards,
	...damageGuards,
];
