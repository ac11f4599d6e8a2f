import ServiceConfiguration

extension ServiceSpecification {
    /// The service's key in the file: `bridge` for the instance `bridge@1`.
    var keyName: Substring { name.prefix { $0 != "@" } }

    /// The keys whose values differ, in the order of the manual page.
    ///
    /// Whatever differs without a key of its own here would be missed, so a difference is first established on the
    /// whole values; then it is named.
    func changedKeys(to other: ServiceSpecification) -> [String] {
        guard self != other else { return [] }
        var keys = kind.changedKeys(to: other.kind)
        if listen != other.listen { keys.append("listen") }
        if requires != other.requires { keys.append("requires") }
        if restart != other.restart { keys.append("restart") }
        if essential != other.essential { keys.append("essential") }
        if drain != other.drain { keys.append("drain") }
        if maxConnections != other.maxConnections { keys.append("max_connections") }
        if idleTimeout != other.idleTimeout { keys.append("idle_timeout") }
        if watchdog != other.watchdog { keys.append("watchdog") }
        precondition(!keys.isEmpty, "a key of services is missing from the plan")
        return keys
    }
}

extension ServiceKind {
    fileprivate func changedKeys(to other: ServiceKind) -> [String] {
        switch (self, other) {
        case (.echo, .echo): []
        case (.forward(let old), .forward(let new)):
            (old.to == new.to ? [] : ["to"]) + (old.connectTimeout == new.connectTimeout ? [] : ["connect_timeout"])
        case (.proxyBridge(let old), .proxyBridge(let new)):
            (old.upstream == new.upstream ? [] : ["upstream"])
                + (old.allowOpen == new.allowOpen ? [] : ["allow_open"])
                + (old.timeouts == new.timeouts ? [] : ["timeouts"])
        case (.process(let old), .process(let new)): old == new ? [] : ["command"]
        case (.echo, .forward), (.echo, .proxyBridge), (.echo, .process), (.forward, .echo), (.forward, .proxyBridge),
            (.forward, .process), (.proxyBridge, .echo), (.proxyBridge, .forward), (.proxyBridge, .process),
            (.process, .echo), (.process, .forward), (.process, .proxyBridge):
            ["type"]
        }
    }
}
