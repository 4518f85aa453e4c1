import type { AccountService, Outcome } from "../../schemas/ports/account-service.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import { isTraced } from "../../schemas/trace.ts";
import { answeredCommand } from "../answered-command.ts";

/** Those that are commands in the log. */
const COMMANDS = [
	"placeOrder",
	"cancelOrder",
	"cancelReplace",
	"amendOrder",
	"cancelAll",
	"deposit",
	"withdraw",
] as const satisfies readonly (keyof AccountService)[];

type Ask = (...args: unknown[]) => Promise<Outcome<unknown>>;

/** An account service that says when a sampled command's answer came, by the name it has in the log. */
export function tracedAccounts(
	service: AccountService,
	logger: Logger,
	oneIn: number,
): AccountService {
	const trace = <T>(outcome: Outcome<T>): Outcome<T> => {
		const { command, ok } = outcome;
		if (command !== undefined && isTraced(command.seq, oneIn)) {
			const { epoch } = command;
			logger.info("trace", { ...answeredCommand(outcome), epoch, step: "answered", ok });
		}
		return outcome;
	};
	const traced = COMMANDS.map((name) => {
		const ask = service[name] as unknown as Ask;
		return [name, (...args: unknown[]) => ask(...args).then(trace)] as const;
	});
	return { ...service, ...(Object.fromEntries(traced) as Partial<AccountService>) };
}
