package import ServiceConfiguration

/// One reason why a load was rejected.
package struct LoadError: Error, Hashable, Sendable {
    /// What could not be had.
    package enum Kind: String, Sendable, CaseIterable {
        case configuration
        case bind
        /// A pool has no member left.
        case allocation
        case descriptors
        /// An upstream does not take its credential, or fails what `probe` asks of it.
        case probe
        case preparation
        /// A service of the new generation gave up, or nobody confirmed it.
        case trial
        /// Another load is under way, or the daemon shuts down.
        case busy
    }

    /// The process that is in the way.
    package struct Holder: Hashable, Sendable {
        package var pid: Int32
        package var command: String

        package init(pid: Int32, command: String) {
            self.pid = pid
            self.command = command
        }
    }

    package var kind: Kind
    package var service: String?
    package var position: SourcePosition?
    package var address: String?
    /// The errno of the failed call; see errno(3).
    package var errno: Int32?
    /// One sentence that starts with "cannot"; without position and holder.
    package var message: String
    package var holder: Holder?

    package init(
        kind: Kind,
        service: String? = nil,
        position: SourcePosition? = nil,
        address: String? = nil,
        errno: Int32? = nil,
        message: String,
        holder: Holder? = nil
    ) {
        self.kind = kind
        self.service = service
        self.position = position
        self.address = address
        self.errno = errno
        self.message = message
        self.holder = holder
    }

    package init(_ diagnostic: Diagnostic) {
        self.init(kind: .configuration, position: diagnostic.position, message: diagnostic.message)
    }
}

extension LoadError: CustomStringConvertible {
    /// `services.yaml:14:13: cannot bind 127.0.0.1:8889: address already in use (errno 98, held by python3, pid 4321)`.
    package var description: String {
        let place = position.map { "\($0): " } ?? ""
        let facts =
            (errno.map { ["errno \($0)"] } ?? []) + (holder.map { ["held by \($0.command)", "pid \($0.pid)"] } ?? [])
        return place + message + (facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))")
    }
}
