// A load generator over loopback: requests written whole to kept connections, answers read by their Content-Length. Benchmark code, not trusted.

import { connect, type Socket } from "node:net";

/** One answer. */
export type Answer = { readonly status: number; readonly body: string };
/** What one run of load found. Times are milliseconds. */
export type Load = {
  readonly latencies: readonly number[];
  readonly perSecond: number;
  readonly wrong: number;
  readonly firstWrong?: string;
};

const HEADER_END = "\r\n\r\n";
/** Enough that a request that is due waits for the server and not for a connection. */
const CONNECTIONS_AT_RATE = 32;

/** Returns a request as bytes. */
export const requestBytes = (method: string, path: string, body: string): Buffer => {
  const bytes = Buffer.from(body);
  const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${bytes.length}${HEADER_END}`;
  return Buffer.concat([Buffer.from(head), bytes]);
};

/** One kept connection; one request at a time. */
export class Connection {
  readonly #socket: Socket;
  #parts: Buffer[] = [];
  #held = 0;
  #wanted = Number.POSITIVE_INFINITY;
  #headBytes = 0;
  #status = 0;
  #resolve: ((answer: Answer) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (part: Buffer) => this.#read(part));
    socket.on("error", (error) => this.#reject?.(error));
    socket.on("close", () => this.#reject?.(new Error("the server closed the connection")));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => resolve(new Connection(socket)));
      socket.once("error", reject);
    });
  }

  send(bytes: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#socket.write(bytes);
    });
  }

  close(): void {
    this.#reject = undefined;
    this.#socket.destroy();
  }

  #read(part: Buffer): void {
    this.#parts.push(part);
    this.#held += part.length;
    if (this.#wanted === Number.POSITIVE_INFINITY) this.#readHead();
    if (this.#held < this.#wanted) return;
    const body = Buffer.concat(this.#parts).toString("utf8", this.#headBytes, this.#wanted);
    this.#parts = [];
    this.#held = 0;
    this.#wanted = Number.POSITIVE_INFINITY;
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#reject = undefined;
    resolve?.({ status: this.#status, body });
  }

  #readHead(): void {
    const all = Buffer.concat(this.#parts);
    this.#parts = [all];
    const end = all.indexOf(HEADER_END);
    if (end < 0) return;
    const head = all.toString("latin1", 0, end);
    this.#status = Number(head.slice(9, 12));
    this.#headBytes = end + HEADER_END.length;
    this.#wanted = this.#headBytes + Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  }
}

type Check = (answer: Answer) => boolean;

class Tally {
  readonly latencies: number[] = [];
  wrong = 0;
  firstWrong: string | undefined;

  add(answer: Answer, ms: number, isRight: Check): void {
    this.latencies.push(ms);
    if (isRight(answer)) return;
    this.wrong++;
    this.firstWrong ??= `${answer.status} ${answer.body.slice(0, 300)}`;
  }

  end(ms: number): Load {
    const { latencies, wrong, firstWrong } = this;
    return { latencies, wrong, perSecond: (latencies.length / ms) * 1_000, ...(firstWrong === undefined ? {} : { firstWrong }) };
  }
}

/** Returns what `connections` askers get, each asking again as soon as it is answered, until `totalMs` or the requests are over. */
export async function saturate(
  port: number,
  requests: Iterator<Buffer>,
  { connections, totalMs, isRight }: { readonly connections: number; readonly totalMs: number; readonly isRight: Check },
): Promise<Load> {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)));
  const tally = new Tally();
  const begun = performance.now();
  const ask = async (connection: Connection) => {
    while (performance.now() - begun < totalMs) {
      const next = requests.next();
      if (next.done === true) return;
      const sent = performance.now();
      const answer = await connection.send(next.value);
      tally.add(answer, performance.now() - sent, isRight);
    }
  };
  await Promise.all(open.map(ask));
  const load = tally.end(performance.now() - begun);
  for (const connection of open) connection.close();
  return load;
}

/** Returns what is answered at a steady rate. A time is from when the request was due, so that a late server is not spared. */
export async function atRate(
  port: number,
  requests: Iterator<Buffer>,
  { perSecond, totalMs, isRight }: { readonly perSecond: number; readonly totalMs: number; readonly isRight: Check },
): Promise<Load> {
  const idle: Connection[] = [];
  const waiting: { readonly bytes: Buffer; readonly due: number }[] = [];
  const running = new Set<Promise<void>>();
  const tally = new Tally();
  const all: Connection[] = [];
  const begun = performance.now();
  const serve = (): void => {
    while (waiting.length > 0) {
      // The one that was idle for longest, so that none is idle for so long that it is closed.
      const connection = idle.shift();
      if (connection === undefined) return;
      const next = waiting.shift();
      if (next === undefined) return;
      const done = connection.send(next.bytes).then((answer) => {
        tally.add(answer, performance.now() - next.due, isRight);
        idle.push(connection);
        running.delete(done);
        serve();
      });
      running.add(done);
    }
  };
  for (let i = 0; i < CONNECTIONS_AT_RATE; i++) all.push(await Connection.open(port));
  idle.push(...all);
  const start = performance.now();
  for (let n = 0; ; ) {
    const now = performance.now();
    if (now - start > totalMs) break;
    let ended = false;
    for (; start + (n * 1_000) / perSecond <= now; n++) {
      const next = requests.next();
      ended = next.done === true;
      if (next.done === true) break;
      waiting.push({ bytes: next.value, due: start + (n * 1_000) / perSecond });
    }
    serve();
    if (ended) break;
    // Ends at the next due time, not before other work had its turn.
    const pause = start + (n * 1_000) / perSecond - performance.now();
    await new Promise<void>((resolve) => (pause > 2 ? setTimeout(resolve, pause - 1.5) : setImmediate(resolve)));
  }
  while (running.size > 0 || waiting.length > 0) await Promise.race(running);
  const load = tally.end(performance.now() - begun);
  for (const connection of all) connection.close();
  return load;
}
