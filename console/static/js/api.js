/** What the account told, or an Error with its sentence; null where nothing is new. */
export async function ask(question, parameters = {}, options = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of [value].flat()) query.append(name, one);
  }
  let response;
  try {
    response = await fetch(`/api/${question}?${query}`, options);
  } catch {
    throw new Error("The console does not answer; it may have been ended.");
  }
  if (response.status === 204) return null;
  const told = await response.json().catch(() => ({ error: `the console failed (${response.status})` }));
  if (!response.ok) throw new Error(told.error);
  return told;
}

export const tell = (command, parameters) => ask(command, parameters, { method: "POST" });

/** Calls `look` now and again and again, `pause()` milliseconds apart, until the signal aborts. */
export async function repeat(look, pause, signal) {
  while (!signal.aborted) {
    try {
      await look();
      if (!signal.aborted) trouble("");
    } catch (error) {
      if (!signal.aborted) trouble(error.message);
    }
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, pause());
      signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
  }
}

/** Shows what went wrong, or takes it away. */
export function trouble(sentence) {
  const place = document.getElementById("trouble");
  place.hidden = !sentence;
  if (place.textContent !== sentence) place.textContent = sentence;
}
