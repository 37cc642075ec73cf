"""Carries the Dockerfile out in a bare Debian root, without Docker: `scripts/image-steps` starts this.

    image_steps.py build ROOT   what FROM leaves is in ROOT already; COPY and RUN, one after the other
    image_steps.py run ROOT     migrate, then what the image starts, as its user on a read-only root, until it is ready

Both want namespaces of their own for mounts, and `run` one for the network, in which it has nothing but loopback. The
root has Debian's Python, which may be another than the image's.
"""

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
USER = 10001
CHROOT = shutil.which("chroot") or "/usr/sbin/chroot"  # by its whole name: the image's PATH is not this machine's
# How this machine reaches the package index; handed to the steps, and not kept in the root.
INDEX = (
    "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT", "PIP_DEFAULT_TIMEOUT", "SSL_CERT_FILE",
    "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy",
)  # fmt: skip
GIVE_UP_SECONDS = 120  # after which a server that is not ready never will be
READY_SECONDS = 5  # from start to ready, or of a processor where others have it too
STOP_SECONDS = 20
CLASS = ("class", "A class", "--seats", "2", "--address", "127.0.0.1")  # as compose.yaml has it; it writes an .env
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1  # linux/sockios.h, linux/if.h


@dataclass
class Image:
    """What the Dockerfile says.

    Attributes:
        steps: COPY and RUN in their order, with their arguments and the ENV of that point.
        start: the entry point with the command.
    """

    steps: list[tuple[str, list[str], dict[str, str]]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    directory: str = "/"
    user: str = ""
    stop_signal: signal.Signals = signal.SIGTERM
    health: list[str] = field(default_factory=list)
    entry_point: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)


def read(dockerfile: str) -> Image:
    """The image that the text of a Dockerfile describes.

    Raises:
        ValueError: an instruction, or a form of one, that is not carried out here.
    """
    image = Image()
    for name, rest in _instructions(dockerfile):
        match name:
            case "FROM" | "LABEL" | "VOLUME" | "EXPOSE":
                pass
            case "COPY":
                image.steps.append((name, rest.split(), dict(image.environment)))
            case "RUN":
                image.steps.append((name, json.loads(rest), dict(image.environment)))
            case "ENV":
                image.environment.update(re.findall(r"(\w+)=(\S*)", rest))
            case "WORKDIR":
                image.directory = rest
            case "USER":
                image.user = rest
            case "STOPSIGNAL":
                image.stop_signal = signal.Signals[rest]
            case "HEALTHCHECK":
                image.health = json.loads(rest.partition("CMD")[2])
            case "ENTRYPOINT":
                image.entry_point = json.loads(rest)
            case "CMD":
                image.command = json.loads(rest)
            case _:
                raise ValueError(f"{name} of the Dockerfile is not carried out here.")
    return image


def _instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    lines = [line for line in dockerfile.splitlines() if line.strip() and not line.startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        name, _, rest = line.partition(" ")
        yield name, rest.strip()


def build(root: Path, image: Image) -> None:
    """Carry out COPY and RUN."""
    _mount(root)
    directory = root / image.directory.lstrip("/")
    directory.mkdir(parents=True, exist_ok=True)
    for name, arguments, environment in image.steps:
        print(f"   {name} {' '.join(arguments)}", flush=True)
        if name == "COPY":
            *sources, target = arguments
            _copy(sources, directory / target)
        else:
            given = {each: os.environ[each] for each in INDEX if each in os.environ}
            # Debian's own for the image's; what the machine's pip is told by files is told by these.
            path = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
            _enter(root, image.directory, arguments, path | environment | given)


def _copy(sources: Sequence[str], target: Path) -> None:
    """Copy what .dockerignore leaves, which is what Docker would have been handed: files into a directory, or the
    contents of a directory."""
    ignored = f"--exclude-from={REPOSITORY / '.dockerignore'}"
    target.mkdir(parents=True, exist_ok=True)
    for source in sources:
        path = REPOSITORY / source
        files = path.is_dir()
        names = sorted(each.name for each in path.iterdir()) if files else [path.name]
        pack = ["tar", "--anchored", ignored, "--owner=0", "--group=0", "-cf", "-", *names]
        with subprocess.Popen(pack, cwd=path if files else path.parent, stdout=subprocess.PIPE) as packing:
            subprocess.run(["tar", "-xf", "-", "-C", str(target)], stdin=packing.stdout, check=True)


def _mount(root: Path) -> None:
    """What a container has besides its files: /proc, a few devices, names of hosts, and this machine's authorities."""
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "--bind", str(root), str(root)], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", str(root / "proc")], check=True)
    for name in ("null", "zero", "random", "urandom"):
        (root / "dev" / name).touch()
        subprocess.run(["mount", "--bind", f"/dev/{name}", str(root / "dev" / name)], check=True)
    for path in ("etc/resolv.conf", "etc/hosts", "etc/ssl/certs/ca-certificates.crt"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        if not (root / path).is_file():
            (root / path).unlink(missing_ok=True)
            (root / path).touch()
        subprocess.run(["mount", "--bind", f"/{path}", str(root / path)], check=True)


def _enter(root: Path, directory: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
    subprocess.run(_inside(root, directory, command), env=dict(environment), check=True)


def _inside(root: Path, directory: str, command: Sequence[str], user: str = "") -> list[str]:
    """The command in the root, as the image's user without capabilities where one is named."""
    within = ["sh", "-c", 'cd "$0" && exec "$@"', directory, *command]
    if user:
        uid, _, gid = user.partition(":")
        drop = ["--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
        within = ["setpriv", f"--reuid={uid}", f"--regid={gid or uid}", *drop, *within]
    return [CHROOT, str(root), *within]


def run(root: Path, image: Image) -> None:
    """Start what the image starts; say how long it took to be ready. Ends with an error where anything is not so."""
    _mount(root)
    _bring_loopback_up()
    _make_read_only(root)
    migrated = _as_image(root, image, [*image.entry_point, "migrate", "--verbosity=0"])
    subprocess.run(migrated, env=image.environment, check=True)
    _require_a_read_only_root(root, image)
    _judge(*_serve(root, image, image.command))
    print("   and as a class:", flush=True)
    _serve(root, image, CLASS)


def _serve(root: Path, image: Image, command: Sequence[str]) -> tuple[float, float]:
    """Start a command, and stop it when it was found to be well. Seconds until it was ready, and of a processor."""
    began = time.monotonic()
    serving = subprocess.Popen(_as_image(root, image, [*image.entry_point, *command]), env=image.environment)
    try:
        _await_answer(serving)
        took = time.monotonic() - began, _processor_seconds(root)
        _require_health(root, image, well=True)
        if _users_of(root, serving.pid) != {USER}:
            raise SystemExit(f"The server runs as {_users_of(root, serving.pid)} and not as {USER}.")
    finally:
        serving.send_signal(image.stop_signal)
        code = serving.wait(timeout=STOP_SECONDS)
    if code:
        raise SystemExit(f"After {image.stop_signal.name} it ended with {code} and not with 0.")
    _require_health(root, image, well=False)
    return took


def _judge(seconds: float, of_processor: float) -> None:
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    print(f"   from start to ready: {seconds:.1f} s, {of_processor:.1f} s of a processor ({load})", flush=True)
    if min(seconds, of_processor) > READY_SECONDS:
        raise SystemExit(f"It takes more than {READY_SECONDS} s to be ready.")


def _processor_seconds(root: Path) -> float:
    """What the processes of this namespace have used, but for this one, which waits."""
    used = 0
    for file in (root / "proc").glob("[0-9]*/stat"):
        numbers = file.read_text().rpartition(")")[2].split()  # from the third on; proc(5): utime, stime are 14 and 15
        used += sum(int(each) for each in numbers[11:13]) if file.parent.name != str(os.getpid()) else 0
    return used / os.sysconf("SC_CLK_TCK")


def _as_image(root: Path, image: Image, command: Sequence[str]) -> list[str]:
    return _inside(root, image.directory, command, image.user)


def _make_read_only(root: Path) -> None:
    data = Path("/run/image-data")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"], check=True)
    data.mkdir()
    os.chown(data, USER, USER)
    subprocess.run(["mount", "--bind", str(data), str(root / "data")], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", str(root / "tmp")], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(root)], check=True)


def _require_a_read_only_root(root: Path, image: Image) -> None:
    for place in ("/app/new", "/opt/venv/new", "/new"):
        touched = subprocess.run([CHROOT, str(root), "touch", place], env=image.environment, stderr=subprocess.DEVNULL)
        if touched.returncode == 0:
            raise SystemExit(f"The root is not read-only: {place} could be written.")


def _await_answer(serving: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < deadline and serving.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", 8000), timeout=5) as connection:
                connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nConnection: close\r\n\r\n")
                if connection.recv(64).startswith(b"HTTP/1.1 200"):
                    return
        except OSError:
            pass
        time.sleep(0.02)
    raise SystemExit("The server was not ready in time, or ended before it was.")


def _require_health(root: Path, image: Image, *, well: bool) -> None:
    for which in ([], ["sandbox"]):
        asked = _as_image(root, image, [*image.health, *which])
        done = subprocess.run(asked, env=image.environment, capture_output=True, text=True)
        if (done.returncode == 0) != well:
            raise SystemExit(f"The health check ended with {done.returncode}: {done.stdout}{done.stderr}")


def _users_of(root: Path, pid: int) -> set[int]:
    """The users of a process: real, effective, saved, of files."""
    found = re.search(r"^Uid:\s+(.*)$", (root / f"proc/{pid}/status").read_text(), re.MULTILINE)
    return {int(each) for each in found[1].split()} if found else set()


def _bring_loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        _, flags = struct.unpack("16sh14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def main() -> None:
    action, root = sys.argv[1], Path(sys.argv[2]).resolve()
    image = read((REPOSITORY / "Dockerfile").read_text())
    {"build": build, "run": run}[action](root, image)


if __name__ == "__main__":
    main()
