import CWarden
import Glibc
import Synchronization

/// The children of this process that are known: wardens, and keepers that have lost theirs.
///
/// Once there is a warden, this process adopts what its descendants leave behind, so every child that is not known is
/// the remains of a service, unless it was here before or this process is the first of its system or container.
enum Offspring {
    private struct Known {
        /// Children that were here before the first warden; nil until then.
        var strangers: Set<Int32>?
        var wardens: Set<Int32> = []
        /// Keepers and their programs, whose pids are the ids of their sessions.
        var keepers: [Int32: Int32] = [:]
        var isOrphaned = false
    }

    /// Children that one pass looks at; a later pass finds the others.
    private static let limit = 4096

    private static let known = Mutex(Known())

    /// Starts a warden with its end of a socket, and returns its pid or an errno.
    static func startWarden(_ executable: String, socket: Int32, adopting: Bool) -> Result<Int32, KernelError> {
        known.withLock { known in
            if adopting, known.strangers == nil {
                known.strangers = Set(children())
                let error = cwarden_adopt_orphans()
                guard error == 0 else { return .failure(KernelError(errno: error)) }
            }
            var pid: Int32 = 0
            let error = cwarden_start(executable, socket, &pid)
            guard error == 0 else { return .failure(KernelError(errno: error)) }
            known.wardens.insert(pid)
            return .success(pid)
        }
    }

    /// Starts a child that is nobody's remains, however long it lives; `start` stores its pid and returns an errno.
    static func startStranger(_ start: (inout Int32) -> Int32) throws(KernelError) -> Int32 {
        try known.withLock { (known) throws(KernelError) in
            var pid: Int32 = 0
            let code = start(&pid)
            guard code == 0 else { throw KernelError(errno: code) }
            // Before the first warden nobody is reaped or killed, and then it is one of those that were here before.
            known.strangers?.insert(pid)
            return pid
        }
    }

    /// Reaps a warden that has closed its socket.
    static func bury(warden pid: Int32) {
        known.withLock { known in
            // Whoever reaps a warden removes it here, so the pid still is its own.
            guard known.wardens.remove(pid) != nil else { return }
            kill(pid, SIGKILL)
            while waitpid(pid, nil, 0) < 0, errno == EINTR {}
            known.isOrphaned = true
        }
    }

    /// Whether a warden has ended, even when a spare of it has not yet and its socket is still open.
    static func hasEnded(warden pid: Int32) -> Bool {
        known.withLock { known in
            guard known.wardens.contains(pid) else { return true }
            var information = siginfo_t()
            return waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT) == 0
                && information.si_signo == SIGCHLD
        }
    }

    /// Lets a warden that is stopped go on, or ends it when that did not help.
    static func wake(warden pid: Int32, isLast: Bool) {
        known.withLock { known in
            guard known.wardens.contains(pid) else { return }
            kill(pid, isLast && cwarden_is_stopped(pid) ? SIGKILL : SIGCONT)
        }
    }

    /// Ends a warden that does not end by itself.
    static func end(warden pid: Int32) {
        known.withLock { known in
            guard known.wardens.contains(pid) else { return }
            kill(pid, SIGKILL)
        }
    }

    static func add(keeper: Int32) {
        known.withLock { $0.keepers[keeper] = 0 }
    }

    static func note(program: Int32, of keeper: Int32) {
        known.withLock { $0.keepers[keeper] = program }
    }

    static func remove(keeper: Int32) {
        known.withLock { $0.keepers[keeper] = nil }
    }

    /// Reaps every child that has ended, and kills what the dead among them left behind.
    ///
    /// Wardens and keepers that are stopped go on.
    static func reap() {
        known.withLock { known in
            // Without a warden nothing is adopted, and other children are not ours to wait for, unless we are init.
            guard known.strangers != nil || getpid() == 1 else { return }
            var stopped: Set<Int32> = []
            while true {
                var status: Int32 = 0
                let pid = waitpid(-1, &status, WNOHANG | WUNTRACED)
                if pid < 0, errno == EINTR { continue }
                guard pid > 0 else { break }
                if status & 0xff == 0x7f {
                    stopped.insert(pid)
                    continue
                }
                known.wardens.remove(pid)
                // What a known child or an orphan leaves behind is ours; what a stranger leaves is a stranger too.
                if known.strangers?.remove(pid) == nil { known.isOrphaned = true }
            }
            // After the loop, which would not end for one who stops them again and again.
            for pid in stopped where known.wardens.contains(pid) || known.keepers[pid] != nil { kill(pid, SIGCONT) }
            killOrphans(&known)
        }
    }

    /// Kills what has been adopted; the ends of it come as further signals, and with them what it left in turn.
    private static func killOrphans(_ known: inout Known) {
        guard known.isOrphaned, let strangers = known.strangers else { return }
        known.isOrphaned = false
        let sessions = Set(known.keepers.values)
        for pid in children() {
            guard !strangers.contains(pid), !known.wardens.contains(pid), known.keepers[pid] == nil else { continue }
            // As the first process we adopt everybody's orphans: only those of a program's session are ours.
            guard getpid() != 1 || sessions.contains(getsid(pid)) else { continue }
            // A child keeps its pid until it is reaped, which happens under this lock only.
            kill(pid, SIGKILL)
        }
    }

    private static func children() -> [Int32] {
        var pids = [Int32](repeating: 0, count: limit)
        let count = pids.withUnsafeMutableBufferPointer { cwarden_children($0.baseAddress, Int32($0.count)) }
        return Array(pids.prefix(max(0, Int(count))))
    }
}
