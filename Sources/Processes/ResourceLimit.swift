/// One limit of setrlimit(2), soft and hard alike.
package struct ResourceLimit: Hashable, Sendable {
    /// What is limited.
    package enum Resource: Hashable, Sendable, CaseIterable {
        case addressSpace
        case core
        case openFiles
        case processes
        case cpuSeconds
    }

    package var resource: Resource
    package var value: UInt64

    package init(_ resource: Resource, _ value: UInt64) {
        self.resource = resource
        self.value = value
    }
}
