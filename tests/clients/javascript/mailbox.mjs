// The codes that were sent, read from the test's own server, which asks the sandbox for the account's mailbox.

export async function codeFor({ codes }, recipient) {
  const answer = await fetch(`${codes}?${new URLSearchParams({ recipient })}`);
  return (await answer.json()).code;
}

// A code that was not sent.
export function otherCode(code) {
  return code === "000000" ? "000001" : "000000";
}
