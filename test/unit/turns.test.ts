// One piece of work a turn of the event loop.
import { connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { createTurns } from "../../src/turns.js";

test("work that comes at once has turns of its own: a socket is heard between the first piece and the third", async () => {
  const told: string[] = [];
  const server = createServer((socket) => {
    told.push("heard");
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const turn = createTurns();
  const work = [0, 1, 2, 3, 4, 5].map((piece) =>
    turn().then(() => {
      if (piece === 0) connect({ port, host: "127.0.0.1" }).on("error", () => undefined);
      // What holds the thread: long enough for the kernel to connect.
      for (const until = performance.now() + 20; performance.now() < until; );
      told.push(`${piece}`);
    }),
  );
  await Promise.all(work);
  await new Promise((resolve) => server.close(resolve));
  expect(told.filter((word) => word !== "heard")).toEqual(["0", "1", "2", "3", "4", "5"]);
  expect(told.indexOf("heard")).toBeGreaterThan(0);
  expect(told.indexOf("heard")).toBeLessThan(told.indexOf("3"));
});
