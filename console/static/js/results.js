export async function resultsPage(main) { main.replaceChildren(); }
