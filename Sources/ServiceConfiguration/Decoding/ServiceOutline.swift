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
        /// Where the instance connects to, when that is one destination.
        var target: Located<Destination>?
        var kind: ServiceKind?
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
}
