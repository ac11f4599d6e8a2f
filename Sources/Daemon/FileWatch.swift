import Glibc
import NIOCore
import NIOPosix
import ServiceConfiguration
import Synchronization

/// Watches the files of the configuration: inotify(7) on their folders.
///
/// On the folders, because editors and Kubernetes put a new file, or a new link, in the place of the old one; a watch
/// on the file itself would stay with the one that is gone.
final class FileWatch: Sendable {
    private struct State {
        var folders = WatchedFolders()
        /// The numbers of the kernel's watches, by folder.
        var numbers: [String: Int32] = [:]
    }

    /// What may have made another file of a name.
    ///
    /// A new file that is still being written is told when it is closed.
    private static let mask = UInt32(
        IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF
    )

    private let descriptor: Int32
    private let state = Mutex(State())

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Begins to watch nothing yet.
    ///
    /// - Parameters:
    ///   - loop: Where the events are read.
    ///   - changed: Hears that something has changed, when it has been quiet for a moment.
    /// - Returns: The watch, and the channel that must be closed.
    /// - Throws: `IOError` when the kernel gives no inotify.
    static func open(
        on loop: any EventLoop,
        changed: @escaping @Sendable () -> Void
    ) async throws -> (watch: FileWatch, channel: any Channel) {
        let descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "cannot watch files") }
        let watch = FileWatch(descriptor: descriptor)
        let channel = try await NIOPipeBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = FileWatchHandler(concerns: watch.concerns, changed: changed)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .takingOwnershipOfDescriptor(input: descriptor)
            .get()
        return (watch, channel)
    }

    /// The same surroundings, of which everything that is read is watched from before it is read.
    func watching(_ surroundings: Surroundings) -> Surroundings {
        for folder in state.withLock({ $0.folders.begin() }) { forget(folder) }
        var watched = surroundings
        watched.source = { path in
            self.note(file: path)
            return surroundings.source(path)
        }
        watched.file = { path in
            self.note(file: path)
            return surroundings.file(path)
        }
        watched.names = { folder in
            self.note(folder: folder)
            return surroundings.names(folder)
        }
        return watched
    }

    private func note(file: String) {
        state.withLock { $0.folders.note(file: file) }
        follow(WatchedFolders.parts(of: file).folder)
        // The file that a link leads to may be written where it is.
        guard let resolved = realpath(file, nil) else { return }
        defer { free(resolved) }
        let target = String(cString: resolved)
        state.withLock { $0.folders.note(file: target) }
        follow(WatchedFolders.parts(of: target).folder)
    }

    private func note(folder: String) {
        state.withLock { $0.folders.note(folder: folder) }
        follow(folder)
    }

    private func follow(_ folder: String) {
        state.withLock { state in
            // Again for one that is watched: another folder may have its name by now.
            let number = inotify_add_watch(descriptor, folder, Self.mask)
            guard number >= 0 else {
                state.numbers[folder] = nil
                return
            }
            state.numbers[folder] = number
        }
    }

    private func forget(_ folder: String) {
        state.withLock { state in
            guard let number = state.numbers.removeValue(forKey: folder) else { return }
            // Two names may lead to one folder.
            if !state.numbers.values.contains(number) { inotify_rm_watch(descriptor, number) }
        }
    }

    /// True when an event is about a file of the configuration.
    private func concerns(_ event: FileEvent) -> Bool {
        if event.mask & UInt32(IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF) != 0 { return true }
        let folders = state.withLock { state in state.numbers.filter { $0.value == event.watch }.map(\.key) }
        return folders.contains { folder in
            guard state.withLock({ $0.folders.matters(event.name, in: folder) }) else { return false }
            guard event.mask & UInt32(IN_CREATE) != 0 else { return true }
            return isComplete("\(folder)/\(event.name)")
        }
    }

    /// False for a new file that somebody is about to write: its close is an event of its own.
    ///
    /// A link is complete.
    private func isComplete(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return true }
        return status.st_mode & S_IFMT != S_IFREG || status.st_nlink > 1
    }
}
