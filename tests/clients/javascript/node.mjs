// node node.mjs SCENARIO '{"endpoint": ...}' prints the scenario's result as JSON.
const { run } = await import(`./${process.argv[2]}.mjs`);

console.log(JSON.stringify(await run(JSON.parse(process.argv[3]))));
