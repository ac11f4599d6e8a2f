import Addresses

/// Where the services of a file listen, for `${service.NAME.address}` and the like.
struct ServiceAddresses {
    /// Why there is no such part; without a message when the reason was reported elsewhere.
    struct Problem: Error {
        /// Made only for a message that is shown: to find out what was meant takes time.
        var message: (@Sendable () -> String)?
    }

    /// One service with the first address of each instance.
    struct Entry {
        var isEnabled: Bool
        /// True for a program without sockets.
        var hasNone = false
        /// Nil stands for an address that was reported.
        var first: [ListenAddress?]
    }

    var entries: [String: Entry] = [:]
    /// False when there may be services that are not known.
    var isComplete = true
    /// In the order of the file, for suggestions.
    var names: [String] = []

    func part(_ part: Expression.ServicePart, of name: String, instance: Int?) -> Result<String, Problem> {
        guard let entry = entries[name] else {
            guard isComplete else { return .failure(Problem(message: nil)) }
            return .failure(Problem(message: { [names] in Self.unknown(name, among: names) }))
        }
        guard entry.isEnabled else {
            return failure("cannot use the address of `\(name)`: it is not enabled; enable it or write another address")
        }
        guard !entry.hasNone else {
            return failure(
                "cannot use the address of `\(name)`: it has no `sockets`; add them or write the address itself"
            )
        }
        let number = entry.first.count == 1 ? 0 : instance
        guard let number, entry.first.indices.contains(number) else {
            let count = "it has \(entry.first.count) instances"
            return failure("cannot tell which instance of `\(name)` is meant: \(count); use as many instances here")
        }
        guard let address = entry.first[number] else { return .failure(Problem(message: nil)) }
        return text(of: part, of: address, name: name)
    }

    private func text(
        of part: Expression.ServicePart,
        of address: ListenAddress,
        name: String
    ) -> Result<String, Problem> {
        switch (part, address) {
        case (.address, .unix): return .success(address.description)
        case (.host, .unix), (.port, .unix):
            return failure("cannot use a \(part.rawValue) of `\(name)`: it listens on a unix socket; use its address")
        case (.host, .tcp(let host, _)), (.host, .udp(let host, _)): return .success(reachable(host).description)
        case (.address, .tcp(_, port: 0)), (.port, .tcp(_, port: 0)), (.address, .udp(_, port: 0)),
            (.port, .udp(_, port: 0)):
            return failure("cannot know the port of `\(name)`: the kernel chooses it; give `\(name)` a port")
        case (.address, .tcp(let host, let port)), (.address, .udp(let host, let port)):
            return .success(ListenAddress.tcp(reachable(host), port: port).description)
        case (.port, .tcp(_, let port)), (.port, .udp(_, let port)): return .success(String(port))
        }
    }

    /// Nobody can connect to a wildcard; loopback reaches who listens on it.
    private func reachable(_ host: IPAddress) -> IPAddress {
        switch host {
        case .v4: host.isWildcard ? .v4(0x7f00_0001) : host
        case .v6: host.isWildcard ? .v6([0, 0, 0, 0, 0, 0, 0, 1]) : host
        }
    }

    private static func unknown(_ name: String, among names: [String]) -> String {
        let advice = Wording.suggestion(for: name, among: names, otherwise: "define it under `services`")
        return "cannot find the service \(Wording.quoted(name)): \(advice)"
    }

    private func failure(_ message: String) -> Result<String, Problem> {
        .failure(Problem(message: { message }))
    }
}
