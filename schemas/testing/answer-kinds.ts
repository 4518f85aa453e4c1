import { CommandKind } from "../command.ts";
import { EventKind } from "../event.ts";

const { CommandRejected } = EventKind;

/** What answers each kind of command: one of these is the last of its events, and no other is among them. */
export const ANSWER_KINDS: Readonly<Record<CommandKind, readonly EventKind[]>> = {
	[CommandKind.PlaceOrder]: [EventKind.OrderAccepted, EventKind.OrderRejected],
	[CommandKind.CancelOrder]: [EventKind.OrderCanceled, EventKind.CancelRejected],
	[CommandKind.CancelReplace]: [EventKind.CancelReplaceAnswered],
	[CommandKind.AmendOrder]: [EventKind.OrderAmended, EventKind.AmendRejected],
	[CommandKind.CancelAllOrders]: [EventKind.AllCanceled, EventKind.CancelAllRejected],
	[CommandKind.Deposit]: [EventKind.Deposited],
	[CommandKind.Withdraw]: [EventKind.Withdrawn],
	[CommandKind.Beat]: [EventKind.BeatSeen],
	[CommandKind.Tick]: [EventKind.Ticked],
	[CommandKind.AddAsset]: [EventKind.AssetAdded, CommandRejected],
	[CommandKind.AddSymbol]: [EventKind.SymbolAdded, CommandRejected],
	[CommandKind.SetSymbolState]: [EventKind.SymbolStateSet, CommandRejected],
	[CommandKind.SetSymbolRules]: [EventKind.SymbolRulesSet, CommandRejected],
	[CommandKind.ResumePartition]: [EventKind.PartitionResumed, CommandRejected],
	[CommandKind.ResumeMarket]: [EventKind.MarketResumed, CommandRejected],
	[CommandKind.RestoreOrder]: [EventKind.OrderRestored, CommandRejected],
	[CommandKind.Skip]: [EventKind.SkipHeard],
	[CommandKind.SetEngineVersion]: [EventKind.EngineVersionSet, CommandRejected],
	[CommandKind.Undecodable]: [CommandRejected],
};

/** Whether events of this kind are nothing but answers; a cancel's stands elsewhere too. */
export function isAnswer(kind: EventKind): boolean {
	return kind >= EventKind.OrderAccepted;
}
