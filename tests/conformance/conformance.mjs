// The conformance plugins in JavaScript; README.md says what each must do.
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import * as tutti from "../../examples/node-plugin/tutti.mjs";

// Until the file named by the attribute `gate` is there.
async function waitForGate(task) {
  const { gate } = task.attributes;
  while (!fs.existsSync(gate)) {
    await sleep(5);
  }
}

function appendName(task) {
  const list = [...(task.stash.list ?? []), task.name];
  task.succeed(undefined, { patch: { list } });
}

const ordered = (order) => [{ activity: "Ordered", phase: "pre", order }];

const plugins = [
  { name: "order-a", subscriptions: ordered(20), handle: appendName },
  { name: "order-b", subscriptions: ordered(10), handle: appendName },
  {
    name: "echoes",
    version: "1.0",
    maxTasks: 4,
    params: { greeting: { type: "string", fallback: "hello" } },
    handle: (task) => ({
      attributes: task.attributes,
      input: task.input,
      with: task.with,
      uid: task.uid,
      workflow: task.workflow,
      activity: task.activity,
      phase: task.phase,
      name: task.name,
      attempt: task.attempt,
      wakes: task.wakes,
      greeting: task.params.greeting,
    }),
  },
  {
    name: "filtered",
    subscriptions: [{ activity: "Filtered", filter: { kind: ["a"] } }],
    handle: (task) => task.name,
  },
  {
    name: "optional-fails",
    subscriptions: [{ activity: "Optional", optional: true }],
    handle: () => {
      throw new tutti.Failed("not today");
    },
  },
  {
    name: "fails",
    handle: () => {
      throw new tutti.Failed("no such house");
    },
  },
  {
    name: "retryable",
    handle: () => {
      throw new tutti.Retryable("busy");
    },
  },
  {
    name: "progresses",
    maxTasks: 4,
    async handle(task) {
      task.progress(0.25, "quarter");
      task.progress(0.5, "half");
      await waitForGate(task);
    },
  },
  {
    name: "cancellable",
    maxTasks: 4,
    async handle(task) {
      while (!task.cancelled()) {
        await sleep(5);
      }
      throw new tutti.Failed("stopped");
    },
  },
  {
    name: "stubborn",
    maxTasks: 4,
    async handle(task) {
      await waitForGate(task);
      throw new tutti.Failed("at last");
    },
  },
  {
    name: "deadline",
    maxTasks: 4,
    async handle(task) {
      while (task.cancelled() !== "timed_out") {
        await sleep(5);
      }
      throw new tutti.Failed("out of time");
    },
  },
  {
    name: "parks",
    maxTasks: 4,
    handle(task) {
      if (task.wakes > 0) {
        return { wakes: task.wakes };
      }
      task.park(Date.now() + 200, "resting");
      return tutti.PENDING;
    },
  },
  {
    name: "logs",
    handle(task) {
      task.log("info", "a line of the task");
      this.say("warn", "a line of the plugin");
    },
  },
  {
    name: "crashes",
    handle(task) {
      if (task.attempt === 1) {
        process.kill(process.pid, "SIGSEGV");
        return sleep(60000);
      }
      return null;
    },
  },
  {
    name: "late-finish",
    handle(task) {
      setTimeout(() => task.succeed({ late: true }), 20);
      return tutti.PENDING;
    },
  },
  {
    name: "twice",
    handle(task) {
      task.succeed({ finish: 1 });
      try {
        task.succeed({ finish: 2 });
        this.say("info", "second finish: taken");
      } catch (error) {
        this.say(
          "info",
          error instanceof tutti.Stale ? "second finish: stale" : `${error}`,
        );
      }
    },
  },
  { name: "big", handle: () => ({ text: "x".repeat(1048576) }) },
  {
    name: "unicode",
    handle(task) {
      const said = { text: "Grüße, 世界 🙂" };
      task.succeed(said, { patch: said, message: `x${"ü".repeat(1000)}` });
    },
  },
];

tutti.run(plugins);
