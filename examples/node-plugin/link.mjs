// A session with the orchestrator, protocol version 1 (docs/protocol.md): says
// hello, polls its mail, reports until it is acknowledged, connects again when
// a connection breaks, greets anew when it is not known any more.
import crypto from "node:crypto";
import fs from "node:fs";
import { decode, encode } from "@msgpack/msgpack";
import * as sp from "./sp.mjs";

const RESEND_MS = 1000;
const SYNC_MS = 50;
const LEAVE_MS = 5000;
const KNOWN_MAX = 8192;
const LOGS_MAX = 4096;
const BATCH_ITEMS = 4096;
const BATCH_BYTES = 4 * 1024 * 1024;

export class NoBus extends Error {}

// The file in which the orchestrator says where it is.
export function findBus(env = process.env) {
  return env.TUTTI_BUS || `${env.TUTTI_STORE || ".tutti"}/bus.json`;
}

export function readBus(file) {
  let bus;
  try {
    if (fs.statSync(file).mode & 0o077) {
      throw new Error("others may read it; chmod 600 it");
    }
    bus = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    throw new NoBus(`${file}: ${error.message}; is the orchestrator running?`);
  }
  if (bus.protocol !== 1 || !bus.requests || !bus.work || !bus.token) {
    throw new NoBus(`${file}: it is not of protocol 1`);
  }
  return bus;
}

// A parked task comes again in the same attempt, with `wakes` one higher.
export const keyText = (key) =>
  `${key.run}/${key.task}/${key.attempt}/${key.wakes ?? 0}`;

const complain = (text) => console.error(`tutti: ${text}`);

export class Link {
  // handlers: welcome(config), work(work, member), cancel(key, cause), stop(),
  // lost(), refused(sentence), ended().
  constructor(busFile, about, handlers) {
    this.busFile = busFile;
    this.about = about;
    this.on = handlers;
    this.bus = readBus(busFile);
    this.queue = [];
    this.known = new Set();
    this.redialMs = 20;
    this.nextId = crypto.randomInt(2 ** 30);
    this.started = false;
    this.leaving = false;
    this.ended = false;
    this.open = new Map();
    this.held = new Map();
    this.#forget();
    this.#dial();
  }

  // Start a session from nothing.
  #forget() {
    for (const request of this.open.values()) {
      clearInterval(request.timer);
    }
    for (const timer of this.held.values()) {
      clearTimeout(timer);
    }
    clearTimeout(this.leaseTimer);
    clearTimeout(this.syncTimer);
    this.open.clear();
    this.held.clear();
    this.stage = "greeting";
    this.session = "";
    this.nonce = "";
    this.topics = [];
    this.synced = false;
    this.seen = 0;
    this.n = 0;
    this.sending = null;
    this.pollId = 0;
  }

  // --- connections

  #dial() {
    if (this.ended || (this.requests && this.work)) {
      return;
    }
    try {
      const bus = readBus(this.busFile);
      if (JSON.stringify(bus) !== JSON.stringify(this.bus)) {
        this.#hangUp();
        this.bus = bus;
        this.#lose();
      }
      this.requests ??= this.#connect("requests", sp.REQ, sp.REP, (frame) =>
        this.#reply(frame),
      );
      this.work ??= this.#connect("work", sp.SUB, sp.PUB, (frame) =>
        this.#publication(frame),
      );
    } catch (error) {
      if (!(error instanceof NoBus)) {
        throw error;
      }
      this.#redial();
    }
  }

  #connect(name, mine, peer, frame) {
    const connection = sp.dial(this.bus[name], mine, peer, {
      ready: () => {
        this.redialMs = 20;
        if (name === "requests") {
          for (const request of this.open.values()) {
            this.#send(request);
          }
        }
        this.#advance();
      },
      frame: (bytes) => {
        try {
          frame(bytes);
        } catch (error) {
          complain(`a message was dropped: ${error.message}`);
        }
        this.#advance();
      },
      closed: () => {
        if (this[name] === connection) {
          this[name] = null;
          this.#redial();
        }
      },
    });
    return connection;
  }

  #redial() {
    clearTimeout(this.redialTimer);
    this.redialTimer = setTimeout(() => this.#dial(), this.redialMs);
    this.redialMs = Math.min(this.redialMs * 2, 1000);
  }

  #hangUp() {
    const { requests, work } = this;
    this.requests = this.work = null;
    requests?.close();
    work?.close();
  }

  #end() {
    if (!this.ended) {
      this.ended = true;
      this.#forget();
      clearTimeout(this.redialTimer);
      clearTimeout(this.leaveTimer);
      this.#hangUp();
      this.on.ended();
    }
  }

  // --- requests

  #ask(kind, fields, taken, periodMs = RESEND_MS) {
    const session = kind === "hello" ? {} : { session: this.session };
    const id = (this.nextId++ & 0x7fffffff) | 0x80000000;
    const number = Buffer.alloc(4);
    number.writeInt32BE(id);
    const request = {
      kind,
      taken,
      frame: Buffer.concat([number, encode({ kind, ...session, ...fields })]),
    };
    request.timer = setInterval(() => this.#send(request), periodMs);
    this.open.set(id, request);
    this.#send(request);
    return id;
  }

  #send(request) {
    if (this.requests?.isReady()) {
      this.requests.send(request.frame);
    }
  }

  #close(id) {
    const request = this.open.get(id);
    clearInterval(request?.timer);
    this.open.delete(id);
    return request;
  }

  #isOpen(kind) {
    return [...this.open.values()].some((request) => request.kind === kind);
  }

  #reply(frame) {
    const request = this.#close(frame.readInt32BE());
    if (!request) {
      return;
    }
    const reply = decode(frame.subarray(4));
    if (reply.kind === "unknown") {
      this.#lose();
    } else if (reply.kind === "refused") {
      this.#refused(request, `${reply.error} (${reply.code})`);
    } else {
      request.taken(reply);
    }
  }

  #refused(request, sentence) {
    if (request.kind === "up") {
      complain(`a report was refused: ${sentence}`);
      this.sending = null;
    } else if (request.kind !== "hello") {
      complain(`${request.kind} was refused: ${sentence}`);
      this.#lose();
    } else if (this.#hasNewBus()) {
      this.#hangUp();
      this.#redial();
    } else {
      this.on.refused(sentence);
    }
  }

  #hasNewBus() {
    try {
      return readBus(this.busFile).token !== this.bus.token;
    } catch {
      return true;
    }
  }

  // The session is over; what was in hand belongs to others.
  #lose() {
    const had = this.session !== "";
    this.queue = this.queue.filter((item) => item.is === "log" && !item.run);
    this.#forget();
    if (this.leaving) {
      this.#end();
    } else if (had) {
      this.on.lost();
    }
  }

  // --- what is due

  #advance() {
    if (this.ended || !this.requests?.isReady()) {
      return;
    }
    if (this.stage === "greeting") {
      this.#greet();
    } else if (this.stage === "syncing") {
      this.#sync();
    } else if (this.stage === "live") {
      this.#report();
      this.#poll();
      if (this.leaving && this.isSettled() && !this.#isOpen("bye")) {
        this.#ask("bye", {}, () => this.#end());
      }
    }
  }

  #greet() {
    if (!this.work?.isReady() || this.#isOpen("hello")) {
      return;
    }
    this.nonce = crypto.randomBytes(16).toString("hex");
    const hello = {
      protocols: [1],
      token: this.bus.token,
      nonce: this.nonce,
      name: process.env.TUTTI_INSTANCE || "",
      pid: process.pid,
      sdk: "tutti-node-example/0.1.0",
      ...this.about,
    };
    this.#ask("hello", hello, (reply) => this.#welcome(reply));
  }

  #welcome(reply) {
    this.instance = reply.instance;
    this.session = reply.session;
    this.leaseMs = Number(reply.lease_ms);
    this.pollMs = Number(reply.poll_ms);
    this.topics = reply.topics ?? [];
    this.stage = "syncing";
    if (!this.started) {
      this.started = true;
      try {
        this.on.welcome(reply.config);
      } catch (error) {
        this.stage = "refusing";
        this.#ask("ready", { synced: this.synced, error: error.message }, () =>
          this.on.refused(error.message),
        );
      }
    }
  }

  #sync() {
    if (this.synced) {
      this.stage = "readying";
      clearTimeout(this.syncTimer);
      this.#ask("ready", { synced: true, error: null }, () => {
        this.stage = "live";
      });
    } else if (!this.syncTimer && !this.#isOpen("ready")) {
      this.#ask("ready", { synced: false, error: null }, () => {
        this.syncTimer = setTimeout(() => {
          this.syncTimer = null;
          this.#advance();
        }, SYNC_MS);
      });
    }
  }

  #poll() {
    if (this.open.has(this.pollId)) {
      return;
    }
    clearTimeout(this.leaseTimer);
    this.pollId = this.#ask(
      "poll",
      { seen: this.seen },
      (reply) => this.#mail(reply),
      this.pollMs + RESEND_MS,
    );
    this.leaseTimer = setTimeout(() => this.#renew(), this.leaseMs / 3);
  }

  // While it holds tasks it shows that it lives: a newer poll supersedes.
  #renew() {
    if (this.held.size) {
      this.#close(this.pollId);
      this.#advance();
    } else {
      this.leaseTimer = setTimeout(() => this.#renew(), this.leaseMs / 3);
    }
  }

  #report() {
    if (this.sending || !this.queue.length) {
      return;
    }
    let bytes = 0;
    let count = 0;
    for (const item of this.queue) {
      bytes += (item.output?.length ?? 0) + (item.patch?.length ?? 0);
      if (count && (bytes > BATCH_BYTES || count >= BATCH_ITEMS)) {
        break;
      }
      count++;
    }
    this.sending = this.queue.splice(0, count);
    this.#ask("up", { n: ++this.n, items: this.sending }, () => {
      this.sending = null;
    });
  }

  // --- what comes

  #mail(reply) {
    for (const item of reply.items ?? []) {
      if (Number(item.seq) !== this.seen + 1) {
        continue;
      }
      this.seen++;
      if (item.do === "work") {
        this.#deliver(item.work);
      } else if (item.do === "cancel") {
        this.on.cancel(item, item.cause);
      } else if (item.do === "stop") {
        this.on.stop();
      } else if (item.do === "topics") {
        this.topics = item.topics ?? [];
      }
    }
  }

  #publication(frame) {
    const end = frame.indexOf(0);
    const topic = frame.subarray(0, Math.max(end, 0)).toString();
    if (this.nonce && topic === `instance/${this.nonce}/`) {
      this.synced ||= decode(frame.subarray(end + 1)).kind === "sync";
    } else if (this.topics.some((wanted) => topic.startsWith(wanted))) {
      const body = decode(frame.subarray(end + 1));
      for (const work of body.kind === "work" ? body.work : []) {
        this.#deliver(work);
      }
    }
  }

  #deliver(work) {
    for (const member of work.members) {
      if (!this.session || member.instance !== this.instance) {
        continue;
      }
      const key = {
        run: work.run,
        task: member.task,
        attempt: member.attempt,
        wakes: member.wakes ?? 0,
      };
      const text = keyText(key);
      if (this.known.has(text)) {
        // In hand: say so. Finished: that is on its way until acknowledged.
        if (this.held.has(text)) {
          this.put({ is: "accept", ...key });
        }
        continue;
      }
      this.known.add(text);
      if (this.known.size > KNOWN_MAX) {
        this.known.delete(this.known.values().next().value);
      }
      const accept = () => this.put({ is: "accept", ...key });
      const waitMs = Math.max(this.leaseMs / 10, 200) / 2;
      this.held.set(text, setTimeout(accept, waitMs));
      this.on.work(work, member, key);
    }
  }

  // --- for the owner

  // An item of the next report.
  put(item) {
    const key = keyText(item);
    if (item.is === "progress") {
      const waiting = this.queue.find(
        (other) => other.is === "progress" && keyText(other) === key,
      );
      if (waiting) {
        Object.assign(waiting, item);
        return;
      }
    } else if (item.is === "log" && this.queue.length >= LOGS_MAX) {
      return;
    } else if (item.is === "done" || item.is === "return") {
      clearTimeout(this.held.get(key));
      this.held.delete(key);
    }
    this.queue.push(item);
    setImmediate(() => this.#advance());
  }

  isSettled() {
    return !this.queue.length && !this.sending;
  }

  // Say bye as soon as everything is acknowledged.
  leave() {
    if (this.leaving) {
      return;
    }
    this.leaving = true;
    this.leaveTimer = setTimeout(() => this.#end(), LEAVE_MS);
    if (this.session) {
      this.#advance();
    } else {
      this.#end();
    }
  }
}
