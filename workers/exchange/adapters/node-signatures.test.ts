import { signaturesContract } from "../../../edge/auth/signatures-contract.ts";
import { NodeSignatures } from "./node-signatures.ts";

signaturesContract("node:crypto", () => new NodeSignatures());
