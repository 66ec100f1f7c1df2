import assert from "node:assert/strict";
import { type Displays, OutputCollector, outputText } from "../../src/kernel/outputs.ts";
import type { JsonObject, MessageHeader } from "../../src/kernel/messages.ts";

function message(type: string, content: JsonObject) {
  return { header: { msg_type: type } as MessageHeader, content };
}

const stdout = (text: string) => message("stream", { name: "stdout", text });
const display = (text: string, id?: string) =>
  message("display_data", {
    data: { "text/plain": text },
    metadata: {},
    transient: id === undefined ? {} : { display_id: id },
  });
const update = (text: string, id: string) =>
  message("update_display_data", {
    data: { "text/plain": text },
    metadata: { isolated: true },
    transient: { display_id: id },
  });
const clear = (wait: boolean) => message("clear_output", { wait });

function collect(...messages: ReturnType<typeof message>[]): string {
  const collector = new OutputCollector();
  for (const each of messages) collector.take(each);
  return outputText(collector.outputs);
}

Deno.test("OutputCollector joins pieces of one stream but not of two", () => {
  const collector = new OutputCollector();
  for (const [name, text] of [["stdout", "a"], ["stdout", "b"], ["stderr", "c"], ["stdout", "d"]]) {
    collector.take(message("stream", { name, text }));
  }
  assert.deepEqual(collector.outputs.map((o) => o.output_type === "stream" && o.text), [
    "ab",
    "c",
    "d",
  ]);
});

Deno.test("OutputCollector clears at once, or with wait before the next output", () => {
  assert.equal(collect(stdout("a"), clear(false)), "");
  assert.equal(collect(stdout("a"), clear(true)), "a");
  assert.equal(collect(stdout("a"), clear(true), stdout("b")), "b");
  assert.equal(collect(stdout("a"), clear(true), clear(false), stdout("b"), stdout("c")), "bc");
});

Deno.test("OutputCollector updates every output of a display_id, in other cells too", () => {
  const displays: Displays = new Map();
  const [one, two] = [new OutputCollector(displays), new OutputCollector(displays)];
  one.take(display("first", "x"));
  one.take(display("other", "y"));
  two.take(display("second", "x")); // shown again: both show the newer data
  assert.equal(outputText(one.outputs), "second\nother\n");
  two.take(update("third", "x"));
  assert.equal(outputText([...one.outputs, ...two.outputs]), "third\nother\nthird\n");
  const [shown, again] = [one.outputs[0], two.outputs[0]];
  assert.ok(shown?.output_type === "display_data" && again?.output_type === "display_data");
  assert.notEqual(shown.metadata, again.metadata); // equal, but not one object
});

Deno.test("OutputCollector forgets the display_id of a cleared output", () => {
  const displays: Displays = new Map();
  const collector = new OutputCollector(displays);
  collector.take(display("old", "x"));
  const [old] = collector.outputs;
  collector.take(clear(false));
  collector.take(update("new", "x"));
  assert.equal(outputText([old!]), "old\n");
  assert.deepEqual(collector.outputs, []);
});

Deno.test("OutputCollector takes damaged content without failing", () => {
  const collector = new OutputCollector();
  collector.take(message("stream", {}));
  collector.take(message("error", { ename: 1, traceback: "no list" }));
  collector.take(message("display_data", { data: null, transient: null }));
  collector.take(message("something_new", {}));
  assert.deepEqual(collector.outputs, [
    { output_type: "stream", name: "stdout", text: "" },
    { output_type: "error", ename: "1", evalue: "", traceback: [] },
    { output_type: "display_data", data: {}, metadata: {} },
  ]);
});
