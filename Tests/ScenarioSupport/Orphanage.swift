import Glibc
import Synchronization

/// Makes the test process the parent of every process of a scenario whose own parent is gone.
///
/// So whatever a daemon leaves behind is found by descent, whatever its environment, session or name is: an orphan that
/// this process did not start itself is a leak. In the place of init it reaps them too.
enum Orphanage {
    /// The processes that this process has started, and must wait for where it did.
    private static let own = Mutex<Set<pid_t>>([])
    /// How long the processes of a daemon that was killed may take to end; a second is what the product promises.
    private static let grace = Duration.seconds(2)

    /// Starts a process under the lock, so that it is never taken for an orphan.
    static func adopt(_ start: () throws -> pid_t) throws -> pid_t {
        try own.withLock { own in
            try becomeSubreaper()
            let pid = try start()
            own.insert(pid)
            return pid
        }
    }

    /// Takes note that a process of this process's own has been waited for: its number may come back.
    static func release(_ pid: pid_t) {
        own.withLock { _ = $0.remove(pid) }
    }

    /// The orphans that live, after those that ended have been reaped.
    static func living() -> [ProcessRecord] {
        own.withLock { own in
            ProcessTree().children(of: getpid()).filter { record in
                guard !own.contains(record.pid) else { return false }
                var status: Int32 = 0
                return waitpid(record.pid, &status, WNOHANG) == 0
            }
        }
    }

    /// The orphans that are still there after the grace; they are ended, with all below them, for the next scenario.
    static func remains() throws -> [ProcessRecord] {
        guard try !Facts.comes(within: grace, { living().isEmpty }) else { return [] }
        let left = living()
        let tree = ProcessTree()
        for record in left.flatMap({ [$0] + tree.descendants(of: $0.pid) }) { kill(record.pid, SIGKILL) }
        _ = try Facts.comes(within: grace) { living().isEmpty }
        return left
    }

    /// Glibc's module hides `prctl`, whose parameters vary; asked for by name, it is called with all five.
    private static func becomeSubreaper() throws {
        typealias Prctl = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
        let setChildSubreaper: Int32 = 36
        guard let symbol = dlsym(nil, "prctl"),
            unsafeBitCast(symbol, to: Prctl.self)(setChildSubreaper, 1, 0, 0, 0) == 0
        else { throw ScenarioFailure("cannot adopt orphans: \(SystemError.text(errno))") }
    }
}
