import ControlPlane
import Glibc
import Logging
import NIOCore
import Processes
import Sockets

/// Another process takes the place of this one: the program that is at its path by now.
extension DaemonLoop {
    /// Starts it beside this one.
    func startSuccessor(_ group: inout DiscardingTaskGroup) {
        guard getpid() != 1 else {
            log.error("cannot replace process 1, with which its container ends: restart the container")
            return _ = feed.yield(.event(.successorEnded))
        }
        guard let executable else {
            log.error("cannot replace this process: the path of its program is not known")
            return _ = feed.yield(.event(.successorEnded))
        }
        let (sockets, loop, feed, log) = (listeners.kept(beside: []).new, loop, feed, log)
        group.addTask {
            do {
                let successor = try await Successor.start(executable, with: sockets, on: loop) {
                    feed.yield(.event(.tookOver))
                } ended: {
                    feed.yield(.event(.successorEnded))
                }
                feed.yield(.successor(successor))
            } catch {
                log.error("cannot start \(executable): \(error); this process goes on")
                feed.yield(.event(.successorEnded))
            }
        }
    }

    mutating func note(_ successor: Successor) {
        self.successor = successor
        log.notice("another process is to take over", metadata: ["pid": "\(successor.pid)"])
        switch core.handover {
        case .begun: break
        // It was called off, or was over, before this came.
        case .none: endSuccessor()
        // It was quicker than the word that it was started.
        case .done:
            announceHandover(to: successor)
            releasePrograms()
        }
    }

    func endSuccessor() {
        guard let successor else { return }
        log.notice("the other process is not to take over any more", metadata: ["pid": "\(successor.pid)"])
        kill(successor.pid, SIGTERM)
    }

    mutating func forgetSuccessor() {
        // Why none was started has been told.
        guard let ended = successor.take() else { return }
        log.error(
            "cannot hand over: the other process has ended; see what it says above; this one goes on",
            metadata: ["pid": "\(ended.pid)"]
        )
    }

    func announceHandover(to successor: Successor) {
        notifier.handOver(to: successor.pid)
        log.notice("handing over", metadata: ["generation": "\(state.generation)", "to": "\(successor.pid)"])
    }

    func refuseReplacement() {
        let reason =
            core.isEnding
            ? "it is shutting down"
            : core.handover == .begun ? "another one is about to take over" : "a load is under way; try again"
        log.error("cannot replace this process: \(reason)", metadata: successor.map { ["pid": "\($0.pid)"] } ?? [:])
    }

    /// Leaves everything that listens to the other process, the daemon's own endpoints too.
    mutating func handOver() {
        listeners.leave()
        listeners.retireAll()
        endFront()
        releasePrograms()
    }

    /// Lets the other process start its programs when none of this one's is left.
    mutating func releasePrograms() {
        guard core.handover == .done, core.isEnding, !hasReleasedPrograms, warden.isIdle else { return }
        hasReleasedPrograms = true
        successor?.link.say()
    }
}
