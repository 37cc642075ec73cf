"""From moto's memory to files and back, for one account in one service. All of it blocks, and is for a thread."""

from contextlib import suppress
from pathlib import Path

from sandbox.aws.snapshots.backends import KEPT, objects_in_s3, put_back, taken
from sandbox.aws.snapshots.bodies import Bodies
from sandbox.aws.snapshots.files import ContentFiles, Heading, snapshot_bytes, split_snapshot
from sandbox.aws.snapshots.graph import UnreadableSnapshot, read_graph


class SnapshotStorage:
    """What one sandbox keeps. `write` and `forget` are for one thread, one after the other."""

    def __init__(self, data_file: Path) -> None:
        self.files = ContentFiles(data_file)
        self.files.tidy()
        self._bodies: dict[str, Bodies] = {}

    def restore(self, account: str, service: str) -> Heading | None:
        """Give moto what was kept; None where nothing was, or moto has something of it already.

        Raises:
            UnreadableSnapshot: it is of another version, or damaged. It stays there until the account's next change.
        """
        try:
            whole = self.files.snapshot(account, service).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnreadableSnapshot(f"It cannot be read ({error.strerror})") from error
        heading, content = split_snapshot(whole, account, service)
        found, objects = read_graph(content, account)
        bodies = Bodies(account, self.files)
        bodies.give(objects)
        if not put_back(account, service, found):
            return None
        if service == "s3":
            self._bodies[account] = bodies
        return heading

    def write(self, account: str, service: str, *, samples: bool) -> int:
        """Write what moto has, and say how often it had been changed then.

        Raises:
            Unwritable: moto has something that no snapshot can hold.
            OSError: such as a full disk. What was kept before is still there.
        """
        if service != "s3":
            count, content = taken(account, service, lambda _: None)
            self.files.write_snapshot(account, service, snapshot_bytes(account, service, content, samples=samples))
            return count
        if account not in self._bodies:
            self._bodies[account] = Bodies(account, self.files)
        bodies = self._bodies[account]
        bodies.store(objects_in_s3(account))
        bodies.begin()
        count, content = taken(account, service, bodies.body_of)
        bodies.store_late()
        self.files.write_snapshot(account, service, snapshot_bytes(account, service, content, samples=samples))
        bodies.end()
        return count

    def has(self, account: str, service: str) -> bool:
        """Whether something is kept, readable or not."""
        return self.files.snapshot(account, service).exists()

    def holds_anything(self, account: str) -> bool:
        """Whether anything is kept of the account, readable or not."""
        return any(self.has(account, service) for service in KEPT)

    def files_of(self, account: str) -> dict[str, Path]:
        """The name in an archive of each file that is good for this version -> where it is."""
        found = {}
        for service in KEPT:
            place = self.files.snapshot(account, service)
            with suppress(FileNotFoundError, UnreadableSnapshot):
                split_snapshot(place.read_bytes(), account, service)
                found[place.name] = place
        if "s3.snapshot" in found:
            found |= {f"bodies/{digest}": self.files.body(account, digest) for digest in self.files.bodies(account)}
        return found

    def copy_to(self, data_file: Path) -> dict[tuple[str, str], str]:
        """Give all files that are good for this version to another sandbox, which is not running.

        Returns (account, service) -> why what is kept of it was left out.

        Raises:
            OSError: such as a full disk.
        """
        other, left_out = ContentFiles(data_file), {}
        for account in self.files.accounts():
            other.link(account, self.files_of(account))
            for service in KEPT:
                if self.has(account, service) and not other.snapshot(account, service).exists():
                    left_out[account, service] = "It is damaged, or of another version of moto"
        return left_out

    def forget(self, account: str) -> None:
        """Delete all that is kept of an account."""
        self._bodies.pop(account, None)
        self.files.delete(account)
