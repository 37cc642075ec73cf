// node node.mjs '{"endpoint": ...}' prints the scenario's result as JSON.
import { run } from "./scenario.mjs";

console.log(JSON.stringify(await run(JSON.parse(process.argv[2]))));
