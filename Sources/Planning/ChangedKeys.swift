import ServiceConfiguration

extension ServiceSpecification {
    /// The service's key in the file: `bridge` for the instance `bridge@1`.
    var keyName: Substring { name.prefix { $0 != "@" } }

    /// The keys whose values differ, in the order of the manual page.
    ///
    /// Whatever differs without a key of its own here would be missed, so a difference is first established on the
    /// whole values; then it is named.
    func changedKeys(to other: ServiceSpecification) -> [ChangedKey] {
        guard self != other else { return [] }
        var keys = kind.changedKeys(to: other.kind)
        if let old = endpoint, let new = other.endpoint { keys += old.changedKeys(to: new) }
        func add(_ name: String, if differs: Bool, isLive: Bool = true) {
            if differs { keys.append(ChangedKey(name: name, isLive: isLive)) }
        }
        add(other.kind.isProcess ? "sockets" : "listen", if: listen != other.listen, isLive: false)
        add("requires", if: requires != other.requires)
        add("restart", if: restart != other.restart)
        add("essential", if: essential != other.essential)
        add("drain", if: drain != other.drain)
        add("max_connections", if: maxConnections != other.maxConnections)
        add("idle_timeout", if: idleTimeout != other.idleTimeout)
        // A program learns its limit when it starts; event loops are watched from outside.
        add("watchdog", if: watchdog != other.watchdog, isLive: !other.kind.isProcess)
        precondition(!keys.isEmpty, "a key of services is missing from the plan")
        return keys
    }
}

extension ServiceKind {
    fileprivate var isProcess: Bool {
        switch self {
        case .process: true
        case .echo, .forward, .proxyBridge, .endpoint: false
        }
    }

    fileprivate func changedKeys(to other: ServiceKind) -> [ChangedKey] {
        switch (self, other) {
        case (.echo, .echo): []
        case (.forward(let old), .forward(let new)):
            ChangedKey.live([("to", old.to != new.to), ("connect_timeout", old.connectTimeout != new.connectTimeout)])
        case (.proxyBridge(let old), .proxyBridge(let new)):
            ChangedKey.live([
                ("upstream", old.upstream != new.upstream), ("allow_open", old.allowOpen != new.allowOpen),
                ("timeouts", old.timeouts != new.timeouts), ("auth", old.auth != new.auth),
                ("policy", old.policy != new.policy),
                ("on_swap", old.onSwap != new.onSwap), ("probe", old.probe != new.probe),
                ("error_style", old.errorStyle != new.errorStyle),
                ("via", old.via != new.via),
            ])
        case (.process(let old), .process(let new)): old.changedKeys(to: new)
        case (.endpoint, .endpoint): []
        case (.endpoint, _), (_, .endpoint),
            (.echo, .forward), (.echo, .proxyBridge), (.echo, .process), (.forward, .echo), (.forward, .proxyBridge),
            (.forward, .process), (.proxyBridge, .echo), (.proxyBridge, .forward), (.proxyBridge, .process),
            (.process, .echo), (.process, .forward), (.process, .proxyBridge):
            [ChangedKey(name: "type", isLive: false)]
        }
    }
}

extension EndpointKind {
    /// Who may connect is read for each connection.
    fileprivate func changedKeys(to other: EndpointKind) -> [ChangedKey] {
        switch (self, other) {
        case (.control(let old), .control(let new)): ChangedKey.live([("group", old != new)])
        case (.status, .status): []
        case (.control, .status), (.status, .control): [ChangedKey(name: "type", isLive: false)]
        }
    }
}

extension ProcessSettings {
    /// What a program is started with needs a new start; how it is watched and stopped does not.
    fileprivate func changedKeys(to other: ProcessSettings) -> [ChangedKey] {
        let fixed = ChangedKey.fixed([
            ("command", program != other.program || arguments != other.arguments),
            ("directory", directory != other.directory),
            ("environment", environment != other.environment),
            ("user", user != other.user),
            ("group", group != other.group),
            ("ready", ready != other.ready),
            ("limits", limits != other.limits),
            ("output", output != other.output),
        ])
        let live = ChangedKey.live([
            ("stop_signal", stopSignal != other.stopSignal),
            ("stop_timeout", stopTimeout != other.stopTimeout),
            ("success_exit_codes", successExitCodes != other.successExitCodes),
            ("health", health != other.health),
        ])
        return fixed + live
    }
}
