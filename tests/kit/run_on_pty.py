"""Runs a program on a pseudo-terminal as its controlling terminal, step by step.

Reads one JSON object {argv, env, cwd, steps, deadline} from standard input and prints one.
A step is {"expect": text} (wait until the output since the last step holds it), {"send": text},
{"sendBase64": bytes}, {"signal": name}, {"hangup": true}, {"flags": true} (notes echo and line mode now).
"""
import base64, fcntl, json, os, pty, select, signal, subprocess, sys, termios, time

job = json.load(sys.stdin)
master, slave = pty.openpty()
ends = time.monotonic() + job.get("deadline", 20)


def flags(fd):
    local = termios.tcgetattr(fd)[3]
    return {"echo": bool(local & termios.ECHO), "line": bool(local & termios.ICANON), "signals": bool(local & termios.ISIG)}


def controlling():
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)


piped = job.get("stdin") is not None
process = subprocess.Popen(
    job["argv"], cwd=job.get("cwd"), env=job.get("env"), preexec_fn=controlling,
    stdin=subprocess.PIPE if piped else slave, stdout=subprocess.PIPE if job.get("stdoutPiped") else slave,
    stderr=slave)
if piped:
    process.stdin.write(job["stdin"].encode())
    process.stdin.close()

output, mark, noted, failed = b"", 0, [], None


def pump(seconds):
    global output
    if select.select([master], [], [], seconds)[0]:
        try:
            output += os.read(master, 65536)
        except OSError:
            return False
    return True


for step in job["steps"]:
    if "expect" in step:
        wanted = step["expect"].encode()
        while wanted not in output[mark:]:
            if time.monotonic() > ends or (process.poll() is not None and not select.select([master], [], [], 0.05)[0]):
                failed = "never saw " + step["expect"]
                break
            pump(0.02)
        if failed:
            break
        mark = output.index(wanted, mark) + len(wanted)
    elif "send" in step:
        data = step["send"].encode()
        while data:
            written = os.write(master, data[:1024])
            data = data[written:]
            pump(0.01)
    elif "sendBase64" in step:
        os.write(master, base64.b64decode(step["sendBase64"]))
    elif "pause" in step:
        until = time.monotonic() + step["pause"]
        while time.monotonic() < until:
            pump(0.01)
    elif "flags" in step:
        noted.append(flags(master))
    elif "signal" in step:
        process.send_signal(getattr(signal, step["signal"]))

while process.poll() is None and time.monotonic() < ends:
    pump(0.02)
while select.select([master], [], [], 0.05)[0] and pump(0):
    pass
timed_out = process.poll() is None
if timed_out:
    process.kill()
    process.wait()
result = {
    "output": output.decode("utf-8", "replace"),
    "code": process.returncode if process.returncode >= 0 else None,
    "signal": signal.Signals(-process.returncode).name if process.returncode < 0 else None,
    "noted": noted, "after": flags(master), "failed": failed, "timedOut": timed_out,
    "stdout": process.stdout.read().decode() if job.get("stdoutPiped") else None,
}
print(json.dumps(result))
