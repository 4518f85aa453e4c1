import { CommandKind } from "../../schemas/command.ts";
import type {
	FundsAnswer,
	FundsRequest,
	Outcome,
	Refusal,
} from "../../schemas/ports/account-service.ts";
import { Rejection } from "../../schemas/rejection.ts";
import { isStorable } from "../../schemas/storable-text.ts";
import type { Desk } from "./desk.ts";
import type { FundsEntry } from "./funds.ts";
import { rejected } from "./outcomes.ts";
import { takeCommand } from "./taking.ts";

type Kind = "deposit" | "withdrawal";

/** More than any asset has units: what is beyond it is a mistake. */
const MAX_AMOUNT = 10n ** 27n;

const STOPPED: Refusal = { reason: "withdrawalsStopped" };

/** Deposits and withdrawals: commands in the log like any other, each external id once. */
export class FundsDesk {
	private readonly desk: Desk;

	constructor(desk: Desk) {
		this.desk = desk;
	}

	deposit(request: FundsRequest): Promise<Outcome<FundsAnswer>> {
		return this.move("deposit", request);
	}

	withdraw(request: FundsRequest): Promise<Outcome<FundsAnswer>> {
		return this.move("withdrawal", request);
	}

	private move(kind: Kind, request: FundsRequest): Promise<Outcome<FundsAnswer>> {
		const { state, writer, answers, outcomes, auditor } = this.desk;
		if (kind === "withdrawal" && auditor.withdrawalsStopped) return this.refuse(STOPPED);
		const known = state.funds.find(request.userId, kind, request.externalId);
		if (known !== undefined) return this.repeat(known, kind, request);
		const refusal = this.refusalOf(kind, request);
		if (refusal !== null) return this.refuse(refusal);
		const { userId, assetId, amount, externalId } = request;
		const command = { userId, assetId, amount, externalId };
		const partition = state.ownPartition;
		const commandKind = kind === "deposit" ? CommandKind.Deposit : CommandKind.Withdraw;
		const record = writer.write(partition, { ...command, kind: commandKind });
		takeCommand(state, partition, record);
		if (kind === "deposit") return answers.expect(partition, record.seq, "order", outcomes.funded);
		return answers.expect(partition, record.seq, "order", (settled) =>
			// It is done, but is not to be paid out: asked again when withdrawals go on, it is told.
			auditor.withdrawalsStopped ? { ok: false, refusal: STOPPED } : outcomes.funded(settled),
		);
	}

	/** The id was used before: the same answer when it is the same movement. */
	private repeat(
		known: FundsEntry,
		kind: Kind,
		request: FundsRequest,
	): Promise<Outcome<FundsAnswer>> {
		const { answers, outcomes } = this.desk;
		const { assetId, amount, doneAtMs, userId } = known.row;
		if (assetId !== request.assetId || amount !== request.amount) {
			return this.refuse({ reason: "externalIdClash" });
		}
		if (doneAtMs === 0) {
			return new Promise((resolve) => {
				known.waiters.push(() => resolve(this.move(kind, request)));
			});
		}
		const value = outcomes.fundsAnswer(userId, assetId, doneAtMs, true);
		return Promise.resolve(answers.now({ ok: true, value }));
	}

	private refusalOf(kind: Kind, request: FundsRequest): Refusal | null {
		const { userId, assetId, amount, externalId } = request;
		const { state, overload } = this.desk;
		if (!state.isMine(userId)) return { reason: "unknown" };
		if (amount <= 0n || amount > MAX_AMOUNT) return { reason: "amountOutOfRange" };
		if (!state.market.hasAsset(assetId) || !isStorable(externalId) || externalId === "") {
			return rejected(Rejection.InvalidCommand);
		}
		if (kind === "withdrawal") {
			if (state.access.isFrozen(userId)) return { reason: "accountFrozen" };
			if (state.balances.available(userId, assetId) < amount) {
				return { reason: "insufficientBalance" };
			}
		}
		return overload.call(this.desk, "order");
	}

	private refuse(refusal: Refusal): Promise<Outcome<FundsAnswer>> {
		return Promise.resolve(this.desk.answers.now({ ok: false, refusal }));
	}
}
