import type { DemoUsers } from "./demo/demo-users.ts";

/** What a person sees when the exchange is ready: where it is, keys to use, a snippet that works. */
export function banner(url: string, { people }: DemoUsers): string {
	const [first] = people;
	const keys = people.map(
		({ name, email, password, apiKey, secret }) =>
			`  ${name}  ${email}  password ${password}\n    API key  ${apiKey}\n    secret   ${secret}`,
	);
	const streams = url.replace("http", "ws");
	return `
  API page   ${url}/docs
  Streams    ${streams}/ws/btcusdt@trade
  Metrics    ${url}/metrics

Demo users, with keys that may read and trade:
${keys.join("\n")}

First trade, with an unmodified ccxt (save as trade.mjs in this folder, then: node trade.mjs):

  import ccxt from 'ccxt'
  const castle = new ccxt.binance({
    apiKey: '${first?.apiKey}',
    secret: '${first?.secret}',
    options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] } },
  })
  Object.assign(castle.urls.api, {
    public: '${url}/api/v3', private: '${url}/api/v3',
    v1: '${url}/api/v1', sapi: '${url}/sapi/v1',
  })
  const order = await castle.createOrder('BTC/USDT', 'market', 'buy', 0.01)
  console.log(order.status, order.filled, 'BTC for', order.cost, 'USDT')
  console.log((await castle.fetchBalance()).total)

Ctrl-C stops it; started again, it goes on where it was.
`;
}
