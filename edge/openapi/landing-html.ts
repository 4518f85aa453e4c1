import { percentText, priceText, qtyText } from "../../schemas/api/number-text.ts";
import { SYMBOL_STATE_NAMES } from "../../schemas/api/order-names.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import type { EdgeServices } from "../services.ts";

const DAY_MS = 86_400_000;

/** The front page: what this is, whether it takes orders, its markets, where to go on. */
export async function landingHtml(services: EdgeServices): Promise<string> {
	const symbols = services.marketData.venue.symbols();
	const rows = await Promise.all(symbols.map((symbol) => marketRow(services, symbol)));
	const ready = services.ready();
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Castle exchange</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/castle.css">
</head>
<body class="landing">
<header class="bar">
<a class="name" href="/"><span class="mark" aria-hidden="true">♜</span> Castle</a>
<span class="state ${ready ? "on" : "off"}">${ready ? "Taking orders" : "Not ready yet"}</span>
<nav><a href="/docs">Try the API</a><a href="/openapi.json">openapi.json</a></nav>
</header>
<main>
<h1>A spot exchange that speaks Binance Spot's API</h1>
<p class="lead">Point ccxt, a bot or a charting tool at this address: every order is durable before it is answered, and every balance is a replay of the log.</p>
<div class="markets">
<table>
<thead><tr><th>Market</th><th>Last price</th><th>24 h</th><th class="volume">24 h volume</th><th>State</th></tr></thead>
<tbody id="markets">
${rows.join("\n")}
</tbody>
</table>
</div>
<section class="ways">
<div><h2>REST</h2><code>/api/v3</code><p>Market data, orders, account. <a href="/docs">Every call, to try.</a></p></div>
<div><h2>WebSocket API</h2><code>/ws-api/v3</code><p>The same calls over one connection, and user events.</p></div>
<div><h2>Streams</h2><code>/ws</code> <code>/stream</code><p>Trades, depth, klines, tickers as they happen.</p></div>
</section>
</main>
<script src="/docs/landing.js" type="module"></script>
</body>
</html>
`;
}

async function marketRow(services: EdgeServices, symbol: SymbolSpec): Promise<string> {
	const ticker = await services.marketData.ticker(symbol.symbolId, DAY_MS, 1_000);
	// Without a price there is no change either.
	const isTraded = ticker.lastTicks > 0;
	const last = isTraded ? shortened(priceText(symbol, ticker.lastTicks)) : "–";
	const percent = percentText(ticker.openTicks, ticker.lastTicks);
	const tone =
		ticker.lastTicks < ticker.openTicks ? "down" : ticker.lastTicks > ticker.openTicks ? "up" : "";
	const change = isTraded ? `${percent} %` : "–";
	return `<tr data-symbol="${escaped(symbol.symbol)}"><th scope="row">${escaped(symbol.base.asset)}<small>/${escaped(symbol.quote.asset)}</small></th><td class="last">${last}</td><td class="change ${tone}">${change}</td><td class="volume">${shortened(qtyText(symbol, ticker.volumeLots))} <small>${escaped(symbol.base.asset)}</small></td><td><small class="takes">${SYMBOL_STATE_NAMES[symbol.state]}</small></td></tr>`;
}

/** Without zeros that say nothing; at least two decimals. */
function shortened(text: string): string {
	return text.replace(/(\.\d\d\d*?)0+$/, "$1");
}

/** Names come from the operator; a page shows them as text all the same. */
function escaped(text: string): string {
	return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
