#!/usr/bin/env node
// Counts the words of the text in a run's input: registers itself for the
// activity `Read`, takes only runs in a language it knows, reports progress,
// and stops when it is told to.
import { setTimeout as sleep } from "node:timers/promises";
import { Failed, run } from "./tutti.mjs";

const words = {
  name: "words",
  version: "1.0",
  help: "Counts the words of a text.",
  maxTasks: 4,
  params: {
    pause: {
      type: "duration",
      fallback: "10ms",
      help: "How long to rest after each line.",
    },
  },
  subscriptions: [
    { activity: "Read", phase: "parallel", filter: { lang: ["en", "de"] } },
  ],
  async handle(task) {
    const text = task.input?.text;
    if (typeof text !== "string") {
      throw new Failed("the input has no text");
    }
    const lines = text.split("\n");
    let count = 0;
    for (const [at, line] of lines.entries()) {
      if (task.cancelled()) {
        throw new Failed(`stopped at line ${at + 1}`);
      }
      count += line.split(/\s+/).filter(Boolean).length;
      task.progress((at + 1) / lines.length, `line ${at + 1}`);
      await sleep(task.params.pause);
    }
    task.log("info", `${count} words in ${lines.length} lines`);
    return { words: count, lines: lines.length };
  },
};

run([words]);
