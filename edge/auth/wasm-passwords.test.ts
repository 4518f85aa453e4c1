import { passwordsContract } from "./passwords-contract.ts";
import { WasmPasswords } from "./wasm-passwords.ts";

// A second one of the same kind; its twin on Bun is tested against this one beside it.
passwordsContract(
	"WebAssembly",
	() => new WasmPasswords(),
	() => new WasmPasswords(),
);
