import { expect } from "bun:test";
import { attack } from "./attack.ts";

/** Speaks to the control socket what it should not, as only a program can that is not `bmat`. */
const GARBLE = `import json, os, socket, struct, time
def dial(tries=200):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    for left in reversed(range(tries)):
        try:
            s.connect("/var/run/buildomat.sock")
            return s
        except BlockingIOError: # the queue of those who knock is full
            if left == 0: raise
            time.sleep(0.1)
def hung_up(s):
    try:
        while s.recv(65536): pass
    except ConnectionError: pass
    return "hung up"
def send(s, data):
    try: s.sendall(data)
    except (BrokenPipeError, ConnectionResetError): pass
def frame(payload): return struct.pack("<II", 1, len(payload)) + payload
for junk in [os.urandom(100000), struct.pack("<II", 1, 0xffffffff), struct.pack("<II", 9, 4), frame(b"{"), frame(b"null"), frame(b'{"id":1,"payload":{"Resp":"Ack"}}')]:
    s = dial(); send(s, junk); print(hung_up(s), flush=True)
half = [dial() for _ in range(100)]
for s in half: send(s, struct.pack("<II", 1, 16000000) + b"[" * 2000000)
print("half frames", flush=True)
many = []
for i in range(600):
    try: many.append(dial(1))
    except OSError: break
print("many connections", flush=True)
for s in half + many: s.close()
s = dial()
wait = frame(json.dumps({"id": 1, "payload": {"Req": {"StoreGet": "x" * 1000}}}).encode())
send(s, wait * 20000)
print("many requests", hung_up(s), flush=True)
s = dial()
deep = b'{"id":1,"payload":{"Req":' + b"[" * 1000000 + b"]" * 1000000 + b"}}"
send(s, frame(deep)); s.shutdown(socket.SHUT_WR); hung_up(s)
print("deep", flush=True)
`;

attack(
  "the control socket outlives garbage, half frames and crowds",
  {
    script: `python3 - <<'EOF'\n${GARBLE}EOF\nbmat store put still here && bmat store get still`,
  },
  ({ job, lines }) => {
    expect(lines("stderr")).toEqual([]);
    expect(lines("stdout")).toEqual([
      ...Array.from({ length: 6 }, () => "hung up"),
      "half frames",
      "many connections",
      "many requests hung up",
      "deep",
      "here",
    ]);
    expect(job.state).toBe("completed");
  },
);
