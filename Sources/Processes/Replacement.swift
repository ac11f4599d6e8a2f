import Glibc

/// A process that is to take the place of this one: a child that is none of the descendants to be ended with it.
package enum Replacement {
    /// The first number after the standard streams.
    private static let first: Int32 = 3

    /// Starts a program that gets the standard streams and, from number 3 on, some descriptors; nothing else.
    ///
    /// - Parameters:
    ///   - executable: The path of the program.
    ///   - arguments: All of them, the first included.
    ///   - environment: All of it, as `NAME=value`.
    ///   - descriptors: In the order of their numbers there; still the caller's.
    /// - Returns: Its process id.
    /// - Throws: The errno of what failed.
    package static func start(
        _ executable: String,
        arguments: [String],
        environment: [String],
        descriptors: [Int32]
    ) throws(KernelError) -> Int32 {
        // Above the numbers that they are to get, so that none is overwritten before its turn.
        var copies: [Int32] = []
        defer { for copy in copies { close(copy) } }
        for descriptor in descriptors {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, first + Int32(descriptors.count))
            guard copy >= 0 else { throw KernelError(errno: errno) }
            copies.append(copy)
        }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        try check(posix_spawn_file_actions_init(&actions))
        defer { posix_spawn_file_actions_destroy(&actions) }
        try check(posix_spawnattr_init(&attributes))
        defer { posix_spawnattr_destroy(&attributes) }
        for (index, copy) in copies.enumerated() {
            try check(posix_spawn_file_actions_adddup2(&actions, copy, first + Int32(index)))
        }
        try clean(&attributes)
        return try spawn(executable, arguments, environment, &actions, &attributes)
    }

    /// No signal is blocked, and SIGPIPE, which this process ignores, has its usual effect.
    private static func clean(_ attributes: inout posix_spawnattr_t) throws(KernelError) {
        var none = sigset_t()
        sigemptyset(&none)
        var usual = sigset_t()
        sigemptyset(&usual)
        sigaddset(&usual, SIGPIPE)
        try check(posix_spawnattr_setsigmask(&attributes, &none))
        try check(posix_spawnattr_setsigdefault(&attributes, &usual))
        try check(posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)))
    }

    private static func spawn(
        _ executable: String,
        _ arguments: [String],
        _ environment: [String],
        _ actions: inout posix_spawn_file_actions_t,
        _ attributes: inout posix_spawnattr_t
    ) throws(KernelError) -> Int32 {
        var words = arguments.map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { for text in words + variables { free(text) } }
        return try Offspring.startStranger { pid in
            posix_spawn(&pid, executable, &actions, &attributes, &words, &variables)
        }
    }

    private static func check(_ code: Int32) throws(KernelError) {
        guard code == 0 else { throw KernelError(errno: code) }
    }
}
