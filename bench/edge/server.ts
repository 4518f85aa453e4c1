/** `server.ts KEYS_FILE FOLDER`: the edge alone over HTTP, until it is killed. Prints its address. */
import { serveHttp } from "../../workers/exchange/http-server.ts";
import { edgeAlone } from "./edge-alone.ts";
import { readKeys } from "./load-keys.ts";

const [keysFile = "", folder = ""] = process.argv.slice(2);
const { edge, streams } = await edgeAlone(folder, readKeys(keysFile));
const http = serveHttp(edge, streams, { hostname: "127.0.0.1", port: 0, maxBodyBytes: 65_536 });
console.log(http.url);
