// Tutti plugins in JavaScript: a small client of docs/protocol.md.
//
//   import { run, Failed } from "./tutti.mjs";
//   run([{ name: "greet", version: "1.0", help: "Says hello.",
//          handle: async (task) => ({ greeting: `hello ${task.uid}` }) }]);
//
// A plugin is an object: name, version, help, maxTasks, subscriptions
// [{activity, phase, filter, optional, order}], params {name: {type, fallback,
// help}}, queue (as docs/protocol.md has it), and the functions handle(task), and
// if it likes init(plugin), cancel(task, cause), stop(). What handle() returns,
// or what its promise comes to, is the output; what it throws fails the task;
// PENDING: the task is finished by a call. It must not block: everything runs on
// one thread.
import crypto from "node:crypto";
import fs from "node:fs";
import { decode, encode } from "@msgpack/msgpack";
import { findBus, keyText, Link, NoBus } from "./link.mjs";

export class Failed extends Error {} // for good
export class Retryable extends Error {} // another attempt may succeed
export class Stale extends Error {} // the task is finished already
export class Invalid extends Error {} // nothing was done

export const PENDING = Symbol("pending");

const OUTPUT_MAX = 8 * 1024 * 1024;
const LEVELS = ["error", "warn", "info", "debug"];
const UNITS = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 };

// Valid UTF-8 of at most `limit` bytes, cut between characters.
export function clean(text, limit) {
  const bytes = Buffer.from(String(text).replaceAll("\0", "\ufffd"));
  let end = Math.min(bytes.length, limit);
  while (end < bytes.length && end > 0 && (bytes[end] & 0xc0) === 0x80) {
    end--;
  }
  return bytes.subarray(0, end).toString();
}

function document(value, what) {
  if (value === undefined || value === null) {
    return null;
  }
  let bytes;
  try {
    bytes = encode(value);
  } catch (error) {
    throw new Invalid(`${what} is no document: ${error.message}`);
  }
  if (bytes.length > OUTPUT_MAX) {
    throw new Invalid(
      `${what} is too big: ${bytes.length} bytes, at most ${OUTPUT_MAX} are taken`,
    );
  }
  return bytes;
}

const read = (bytes, absent) => (bytes?.length ? decode(bytes) : absent);

export class Task {
  #work;
  #member;
  #put;
  #cause = null;
  #over = false;
  #deadline = Infinity;

  constructor(plugin, work, member, key, put) {
    Object.assign(this, key);
    this.plugin = plugin;
    this.key = key;
    this.wakes = member.wakes ?? 0;
    this.uid = work.uid;
    this.tenant = work.tenant;
    this.workflow = work.workflow;
    this.activity = work.activity;
    this.phase = work.phase;
    this.name = member.name;
    this.deadline = null; // Date.now() by which it must be finished
    if (member.deadline_us) {
      this.deadline = Number(member.deadline_us) / 1000;
      this.#deadline = performance.now() + this.deadline - Date.now();
    }
    this.#work = work;
    this.#member = member;
    this.#put = put;
  }

  get attributes() {
    return read(this.#work.attributes, {});
  }
  get input() {
    return read(this.#work.input, null);
  }
  get stash() {
    return read(this.#work.stash, {});
  }
  get outputs() {
    return read(this.#work.outputs, {});
  }
  get with() {
    return read(this.#member.with, {});
  }
  get params() {
    return this.plugin.values;
  }
  get finished() {
    return this.#over;
  }

  // null; "cancelled", "timed_out": stop; "finished": no longer yours.
  cancelled() {
    if (this.#over) {
      return "finished";
    }
    return this.#cause ?? (this.#isLate() ? "timed_out" : null);
  }

  succeed(output, { patch, message = "" } = {}) {
    this.#finish("succeeded", message, { output, patch });
  }
  fail(message = "") {
    this.#finish("failed", message);
  }
  retry(message = "") {
    this.#finish("retryable", message);
  }
  // `until` is a Date or milliseconds as of Date.now().
  park(until, message = "") {
    const us = Math.trunc(Number(until) * 1000);
    if (!(us > 0 && us <= 253402300799999999)) {
      throw new Invalid("a parked task needs a time before the year 10000");
    }
    this.#finish("parked", message, { until_us: us });
  }

  progress(fraction, note = "") {
    if (Number.isNaN(fraction)) {
      throw new Invalid("the progress is no number");
    }
    this.#check();
    const shown = fraction < 0 ? -1 : Math.min(fraction, 1);
    this.#send({ is: "progress", fraction: shown, note: clean(note, 256) });
  }

  log(level, text) {
    if (!LEVELS.includes(level)) {
      throw new Invalid(`${level} is none of ${LEVELS.join(", ")}`);
    }
    this.#send({
      is: "log",
      plugin: this.plugin.name,
      name: `${this.activity}/${this.phase}/${this.name}`,
      level,
      text: clean(text, 1024),
    });
  }

  // For the runner: the cause, and the end without a result.
  tell(cause) {
    this.#cause = cause;
  }
  giveBack() {
    this.#check();
    this.#over = true;
    this.#send({ is: "return" });
  }
  takeAway() {
    this.#over = true;
  }

  #send(item) {
    this.#put({ ...item, ...this.key });
  }
  #isLate() {
    return performance.now() >= this.#deadline;
  }
  #check() {
    if (this.#over) {
      throw new Stale("the task is finished already");
    }
  }
  #finish(outcome, message, { output, patch, until_us = 0 } = {}) {
    const item = {
      is: "done",
      outcome,
      message: clean(message, 1024),
      output: document(output, "its output"),
      patch: document(patch, "its patch of the stash"),
      until_us,
      late: this.#isLate(),
      fault: false,
    };
    this.#check();
    this.#over = true;
    this.#send(item);
  }
}

function readParam(name, param, value) {
  const { type } = param;
  if (type === "duration" && typeof value === "string") {
    const match = /^(\d{1,15}(?:\.\d{1,15})?)(ms|s|m|h|d)$/.exec(value);
    if (match) {
      return Math.round(Number(match[1]) * UNITS[match[2]]);
    }
  } else if (
    (type === "int" && Number.isInteger(value)) ||
    (type === "double" && typeof value === "number") ||
    (type === "bool" && typeof value === "boolean") ||
    (type === "string" && typeof value === "string")
  ) {
    return value;
  }
  throw new Invalid(
    `the parameter '${name}' must be a ${type} (given: ${JSON.stringify(value)})`,
  );
}

function readParams(plugin, config) {
  const values = {};
  for (const [name, param] of Object.entries(plugin.params ?? {})) {
    const given = config?.[name] ?? param.fallback;
    if (given === undefined) {
      throw new Invalid(
        `the parameter '${name}' must be given under 'config:'`,
      );
    }
    values[name] = readParam(name, param, given);
  }
  return values;
}

function checkConfig(plugins, config) {
  const names = plugins.flatMap((plugin) => Object.keys(plugin.params ?? {}));
  for (const key of Object.keys(config ?? {})) {
    if (!names.includes(key)) {
      throw new Invalid(
        `there is no parameter '${key}'; there is ${names.join(", ") || "none"}`,
      );
    }
  }
}

function digest() {
  try {
    const bytes = fs.readFileSync(process.argv[1]);
    return crypto.createHash("sha256").update(bytes).digest("hex");
  } catch {
    return "";
  }
}

export function describe(plugins) {
  return plugins.map((plugin) => ({
    name: plugin.name,
    version: plugin.version ?? "0",
    help: plugin.help ?? "",
    max_tasks: plugin.maxTasks ?? 1,
    flags: 0,
    hash: digest(),
    subscriptions: (plugin.subscriptions ?? []).map((wanted) => ({
      activity: wanted.activity,
      phase: wanted.phase ?? "parallel",
      filter: wanted.filter ?? null,
      optional: wanted.optional ?? false,
      order: wanted.order ?? 0,
    })),
    params: Object.entries(plugin.params ?? {}).map(([name, param]) => ({
      name,
      help: param.help ?? "",
      fallback: param.fallback === undefined ? null : String(param.fallback),
      type: param.type,
    })),
    queue: plugin.queue ?? null,
  }));
}

class Runner {
  constructor(plugins, busFile, ephemeral) {
    this.plugins = plugins;
    this.tasks = new Map();
    this.waiting = new Map(plugins.map((plugin) => [plugin.name, []]));
    this.active = new Map(plugins.map((plugin) => [plugin.name, 0]));
    this.stopping = false;
    this.link = new Link(
      busFile,
      { ephemeral, plugins: describe(plugins) },
      this,
    );
    for (const plugin of plugins) {
      plugin.say = (level, text) =>
        this.link.put({
          is: "log",
          plugin: plugin.name,
          level,
          text: clean(text, 1024),
        });
    }
  }

  // --- what the link calls

  welcome(config) {
    checkConfig(this.plugins, config);
    for (const plugin of this.plugins) {
      try {
        plugin.values = readParams(plugin, config);
        plugin.init?.(plugin);
      } catch (error) {
        throw new Invalid(`plugin '${plugin.name}': ${error.message}`);
      }
    }
  }

  work(work, member, key) {
    const plugin = this.plugins.find((one) => one.name === member.plugin);
    if (!plugin || this.stopping) {
      this.link.put({ is: "return", ...key });
      return;
    }
    const task = new Task(plugin, work, member, key, (item) => this.#put(item));
    this.tasks.set(keyText(key), task);
    this.waiting.get(plugin.name).push(task);
    this.#next(plugin);
  }

  cancel(key, cause) {
    const task = this.tasks.get(keyText(key));
    if (task && !task.finished) {
      this.#tell(task, cause);
    }
  }

  stop() {
    if (this.stopping) {
      return;
    }
    this.stopping = true;
    for (const tasks of this.waiting.values()) {
      for (const task of tasks.splice(0)) {
        task.giveBack();
      }
    }
    for (const plugin of this.plugins) {
      plugin.stop?.();
    }
    this.#settle();
  }

  lost() {
    const tasks = [...this.tasks.values()];
    this.tasks.clear();
    this.waiting.forEach((waiting) => waiting.splice(0));
    for (const task of tasks) {
      this.#tell(task, "cancelled");
      task.takeAway();
    }
    this.#settle();
  }

  refused(sentence) {
    console.error(`tutti: refused: ${sentence}`);
    process.exit(78);
  }

  ended() {
    process.exit(0);
  }

  // The orchestrator has died: nobody wants the results.
  orphaned() {
    this.stop();
    for (const task of this.tasks.values()) {
      this.#tell(task, "cancelled");
    }
    setTimeout(() => process.exit(0), this.tasks.size ? 1000 : 0);
  }

  // --- tasks

  #put(item) {
    this.link.put(item);
    if (item.is === "done" || item.is === "return") {
      this.tasks.delete(keyText(item));
      this.#settle();
    }
  }

  #settle() {
    if (this.stopping && this.tasks.size === 0) {
      this.link.leave();
    }
  }

  #tell(task, cause) {
    task.tell(cause);
    try {
      task.plugin.cancel?.(task, cause);
    } catch (error) {
      console.error(error);
    }
  }

  // At most maxTasks calls of a plugin at a time.
  #next(plugin) {
    const waiting = this.waiting.get(plugin.name);
    const most = plugin.maxTasks ?? 1;
    while (waiting.length && this.active.get(plugin.name) < most) {
      const task = waiting.shift();
      this.active.set(plugin.name, this.active.get(plugin.name) + 1);
      this.#do(plugin, task).finally(() => {
        this.active.set(plugin.name, this.active.get(plugin.name) - 1);
        this.#next(plugin);
      });
    }
  }

  async #do(plugin, task) {
    await null; // never inside the delivery
    const cause = task.cancelled();
    if (cause === "finished") {
      return;
    }
    if (cause) {
      const what = cause === "timed_out" ? "timed out" : "cancelled";
      task.fail(`${what} before plugin '${plugin.name}' was called`);
      return;
    }
    try {
      const output = await plugin.handle(task);
      if (output !== PENDING && !task.finished) {
        task.succeed(output);
      }
    } catch (error) {
      this.#failed(plugin, task, error);
    }
  }

  #failed(plugin, task, error) {
    if (task.finished) {
      return;
    }
    if (error instanceof Retryable) {
      task.retry(error.message);
    } else if (error instanceof Failed) {
      task.fail(error.message);
    } else if (error instanceof Invalid) {
      task.fail(
        `the result of plugin '${plugin.name}' was refused: ${error.message}`,
      );
    } else {
      console.error(error);
      task.fail(String(error));
    }
  }
}

// main() of a plugin program. PROGRAM [--describe] [--bus FILE] [--ephemeral]
export function run(plugins, args = process.argv.slice(2)) {
  if (args.includes("--describe")) {
    console.log(
      JSON.stringify({
        module: process.argv[1],
        hash: digest(),
        plugins: describe(plugins),
      }),
    );
    return;
  }
  const at = args.indexOf("--bus");
  let runner;
  try {
    runner = new Runner(
      plugins,
      at < 0 ? findBus() : args[at + 1],
      args.includes("--ephemeral"),
    );
  } catch (error) {
    if (!(error instanceof NoBus)) {
      throw error;
    }
    console.error(`tutti: ${error.message}`);
    process.exit(5);
  }
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.on(signal, () =>
      runner.stopping ? process.exit(1) : runner.stop(),
    );
  }
  if (process.env.TUTTI_INSTANCE) {
    process.stdin.on("end", () => runner.orphaned());
    process.stdin.on("error", () => runner.orphaned());
    process.stdin.resume();
  }
}
