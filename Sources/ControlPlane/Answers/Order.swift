/// What may be ordered for services by name.
package enum Order: String, Codable, Sendable, CaseIterable {
    case start
    case stop
    case restart
}
