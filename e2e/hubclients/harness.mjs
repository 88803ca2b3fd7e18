// What both suites need: cases named as sentences, one line of JSON for each, and a look at what reached the devices.
//
// Settings come as JSON on standard input. Example:
//   {"hub":"securepush","connections":{"full":"Endpoint=sb://…","listen":"…","send":"…","secondary":"…"},
//    "push":"http://127.0.0.1:4711","device":{"p256dh":"BPUB…","auth":"AUTH…"}}
// Each line of standard output is one case. Example:
//   {"name":"a deleted registration is 404","ok":false,"detail":"AssertionError: …"}
import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';

export const settings = JSON.parse(await text(process.stdin));

const cases = [];

// test adds a case. It passes when its function does not throw.
export function test(name, run) {
  cases.push({ name, run });
}

// runAll runs the cases in order.
export async function runAll() {
  for (const { name, run } of cases) {
    let line = { name, ok: true };
    try {
      await run();
    } catch (err) {
      line = { name, ok: false, detail: err.stack };
    }
    process.stdout.write(JSON.stringify(line) + '\n');
  }
}

const patience = 20_000; // milliseconds: a loaded machine may be slow

// until asks again until the answer is not undefined, and returns it.
export async function until(what, ask) {
  for (const end = Date.now() + patience; ;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    assert(Date.now() < end, `not seen: ${what}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

// refused checks how a call fails: the status, and what the message has to be or to match.
export async function refused(call, status, words) {
  const err = await Promise.resolve().then(call).then(
    (value) => assert.fail(`not refused: ${JSON.stringify(value)}`),
    (reason) => reason,
  );
  assert.equal(err.statusCode, status, `${err.name}: ${err.message}`);
  if (words instanceof RegExp) assert.match(err.message, words);
  else if (words !== undefined) assert.equal(err.message, words);
  return err;
}

// device is what a browser has after subscribing at our push service. Names that begin with "dead" are answered with 410.
export function device(name) {
  return { endpoint: `${settings.push}/${name}`, ...settings.device };
}

// taken is what reached a device so far, decrypted. Example: [{"text":"{\"id\":\"7\"}","ttl":"60","urgency":"high","topic":"t"}]
export async function taken(name) {
  const answer = await fetch(device(name).endpoint);
  return answer.json();
}

// arrived waits until so many messages have reached a device, and returns them.
export function arrived(name, count = 1) {
  return until(`${count} messages at ${name}`, async () => {
    const got = await taken(name);
    return got.length >= count ? got : undefined;
  });
}

// watched notes which functions of an object are called.
export function watched(object, called) {
  return new Proxy(object, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args) => {
        called.add(name);
        return Reflect.apply(value, target, args);
      };
    },
  });
}
