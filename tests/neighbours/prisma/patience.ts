/** The answer to a query, asked again where the bot was writing at that moment: nothing was written then. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const pause of [10, 20, 50, 100, 200, 500, 1000]) {
    try {
      return await ask();
    } catch (error) {
      if (error.code !== "P1008") throw error;
    }
    await new Promise((passed) => setTimeout(passed, pause));
  }
  return ask();
}
