import Addresses
import YAML

/// A service of the file before its instances are told apart.
struct ServiceOutline {
    /// One reference in `requires`.
    struct Requirement {
        var name: String
        var position: Position
    }

    /// One instance with what was found out about it so far.
    struct Instance {
        /// `echo`, or `bridge@1`.
        var name: String
        /// Nil for a service without `instances`.
        var number: Int?
        /// Complete or, when one of the addresses was reported, not.
        var listen: [Located<ListenAddress>] = []
        /// Where the instance connects to.
        var target: Target?
        var kind: ServiceKind?
    }

    /// Where an instance relays to, and where that is written.
    enum Target {
        case destination(Located<Destination>)
        /// Any member of the pool of this name.
        case pool(Located<String>)

        var position: SourcePosition {
            switch self {
            case .destination(let destination): destination.position
            case .pool(let name): name.position
            }
        }
    }

    var name: String
    var position: Position
    /// The word of `type`; nil when it was reported.
    var kind: String?
    var fields: Fields
    var settings: CommonSettings
    var requires: [Requirement]
    var instances: [Instance]
    /// False when an address to listen on was reported.
    var isListenComplete = true

    /// The nodes of the addresses that are bound for the service; a process inherits them.
    var listenNodes: [Node] { fields.oneOrMany(kind == "process" ? "sockets" : "listen") }
}
