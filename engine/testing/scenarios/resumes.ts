import { type Command, CommandKind } from "../../../schemas/command.ts";
import { OrderType } from "../../../schemas/order.ts";
import { amend, BTCUSDT, buy, cancel, marketSell, restore, resume, sell } from "../commands.ts";
import type { Scenario } from "../scenario.ts";

const MARKET: Command = { kind: CommandKind.AddSymbol, symbol: BTCUSDT };
const NUMBERS: Command = {
	...{ kind: CommandKind.ResumeMarket, symbolId: 1 },
	...{ lastId: 5_000, lastTicks: 100 },
};
const BEGUN = [resume(900), MARKET, NUMBERS];
const STOP = sell(3, 4, 90, { type: OrderType.StopLossLimit, stopPriceTicks: 95 });

function resumed(name: string, ...commands: readonly Command[]): Scenario {
	return { name, fresh: true, commands: [...BEGUN, ...commands] };
}

/** A log that goes on from one that was lost. */
export const RESUMES: readonly Scenario[] = [
	resumed("ids go on where they were", restore(7, buy(1, 5, 99)), sell(2, 5, 99)),
	resumed(
		"older ids stand before younger ones, with what they have left",
		restore(7, buy(1, 5, 99), { cumQtyLots: 3 }),
		restore(8, buy(2, 5, 99)),
		marketSell(3, 3),
		cancel(2, 8),
	),
	resumed(
		"an iceberg shows its next slice",
		restore(7, sell(1, 9, 101, { displayLots: 4 }), { cumQtyLots: 3 }),
	),
	resumed(
		"a stop waits, and triggers when it should",
		restore(7, buy(1, 5, 94)),
		restore(8, STOP, { workingAtMs: 0 }),
		sell(2, 1, 94),
	),
	resumed("a stop that had triggered rests", restore(8, STOP, { cumQtyLots: 1 }), amend(3, 8, 3)),
	resumed(
		"no book comes back crossed",
		restore(7, buy(1, 5, 99)),
		restore(8, sell(2, 5, 99)),
		restore(9, sell(2, 5, 100)),
	),
	resumed(
		"what cannot be open is not put back",
		restore(7, buy(1, 5, 99)),
		restore(7, buy(1, 5, 99)),
		restore(901, buy(1, 5, 99)),
		restore(8, buy(1, 5, 99), { cumQtyLots: -1 }),
		restore(8, buy(1, 5, 99), { cumQtyLots: 5 }),
		restore(8, buy(1, 5, 2_000_000)),
		restore(8, buy(1, 5, 99, { type: OrderType.Market })),
		restore(8, STOP, { workingAtMs: 0, cumQtyLots: 1 }),
		restore(8, buy(1, 5, 99, { symbolId: 9 })),
	),
	{
		name: "only a partition in which nothing has happened goes on from another",
		commands: [resume(900), buy(1, 5, 99), NUMBERS, { ...NUMBERS, symbolId: 9 } as Command],
	},
];
